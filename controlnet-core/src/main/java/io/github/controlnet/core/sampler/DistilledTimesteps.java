package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;

/**
 * The timesteps of distilled models: as evenly as whole numbers allow from the 50 that the
 * distillation went over, the greatest first. More steps than 50 are spread over all timesteps.
 */
final class DistilledTimesteps {
  private static final int TAUGHT = 50;

  private DistilledTimesteps() {}

  static int[] of(NoiseSchedule schedule, int steps) {
    int taught = Math.min(TAUGHT, schedule.timesteps());
    int[] timesteps = new int[steps];
    for (int i = 0; i < steps; i++) {
      // Products before quotients: both divisions round down, as the floor of the reference.
      timesteps[i] =
          steps <= taught
              ? (taught - (int) ((long) i * taught / steps)) * (schedule.timesteps() / taught) - 1
              : (int) ((long) (steps - i) * schedule.timesteps() / steps) - 1;
    }
    return timesteps;
  }
}
