package io.github.controlnet.core.scheduler;

import io.github.controlnet.spi.scheduler.SchedulerRun;

/**
 * A run over the latents that the network itself sees: {@code sqrt(a) sample + sqrt(1 - a) noise}.
 */
interface UnscaledRun extends SchedulerRun {

  @Override
  default double initialNoiseScale() {
    return 1;
  }

  @Override
  default float[] scaleInput(int index, float[] latents) {
    return latents;
  }
}
