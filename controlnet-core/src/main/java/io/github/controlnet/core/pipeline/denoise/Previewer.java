package io.github.controlnet.core.pipeline.denoise;

import io.github.controlnet.core.pipeline.plan.GenerationPlan;
import java.awt.image.BufferedImage;
import java.util.List;

/** Draws what the pictures of a batch look like after a step. Used by one thread. */
public interface Previewer {

  /**
   * A step that was done.
   *
   * @param timestep what the networks were told
   * @param input the scaled latents that they saw
   * @param prediction what they predicted, guided
   * @param latents the latents after the step
   */
  record DoneStep(double timestep, float[] input, float[] prediction, float[] latents) {}

  /** One picture for each image of the batch. */
  List<BufferedImage> draw(DoneStep step);

  /** Draws latents as they are, by the linear map of their format. */
  static Previewer linear(GenerationPlan plan) {
    return step -> LatentPreview.draw(step.latents(), plan.shape(), plan.latents().preview());
  }
}
