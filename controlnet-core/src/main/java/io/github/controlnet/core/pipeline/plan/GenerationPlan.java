package io.github.controlnet.core.pipeline.plan;

import io.github.controlnet.Prompt;
import io.github.controlnet.core.family.Recipe;
import io.github.controlnet.core.pipeline.canvas.Canvas;
import io.github.controlnet.core.pipeline.canvas.PictureSize;
import io.github.controlnet.core.pipeline.condition.TextPlan;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.SamplerRun;
import java.util.List;
import java.util.Optional;

/**
 * A request that has been checked against the models, with everything resolved that does not need a
 * network.
 *
 * @param recipe how the base's family is run
 * @param size width and height of the pictures
 * @param canvas the picture that it starts from; empty for noise alone
 * @param inpainting how it is kept to the picture outside a mask
 * @param latents how latents are written down
 * @param shape the latents' shape
 * @param prompts the prompts with the added prompt appended
 * @param text the texts
 * @param guider the guidance
 * @param controls the controls that act
 * @param seeds the noise
 * @param sampler the sampler
 * @param sampling its run over this batch
 */
public record GenerationPlan(
    Recipe recipe,
    PictureSize size,
    Optional<Canvas> canvas,
    Inpainting inpainting,
    LatentFormat latents,
    LatentShape shape,
    List<Prompt> prompts,
    TextPlan text,
    Guider guider,
    List<PlannedControl> controls,
    Seeds seeds,
    Sampler sampler,
    SamplerRun sampling) {}
