package io.github.controlnet.core.pipeline.denoise;

import io.github.controlnet.core.pipeline.canvas.Pictures;
import io.github.controlnet.core.pipeline.plan.GenerationPlan;
import io.github.controlnet.core.pipeline.plan.Seeds;

/** Where sampling begins, and what holds it to a source. Used by one thread, once. */
public interface Origin {

  /** The latents before the first step. */
  float[] begin();

  /** How many channels {@link #unetInput} adds for the U-Net. */
  default int addedChannels() {
    return 0;
  }

  /** What the U-Net sees of scaled latents. */
  default float[] unetInput(float[] scaled) {
    return scaled;
  }

  /**
   * Corrects latents after a step.
   *
   * @param next the index of the following evaluation; the number of evaluations after the last
   */
  default float[] hold(int next, float[] latents) {
    return latents;
  }

  /** Text to image: noise alone. */
  static Origin noise(GenerationPlan plan, Seeds.Stream noise) {
    return () ->
        Pictures.scaled(noise.next(plan.shape().size()), plan.sampling().initialNoiseScale());
  }
}
