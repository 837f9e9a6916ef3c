package io.github.controlnet.core.pipeline.denoise;

import io.github.controlnet.core.internal.Cancellation;
import io.github.controlnet.core.pipeline.plan.GenerationPlan;
import io.github.controlnet.engine.EncodedText;

/**
 * What stays the same from the first step to the last.
 *
 * @param plan what was asked, checked
 * @param text the encoded texts
 * @param origin what the steps start from and hold on to
 * @param cancellation ends them early
 */
public record DenoisingTask(
    GenerationPlan plan, EncodedText text, Origin origin, Cancellation cancellation) {}
