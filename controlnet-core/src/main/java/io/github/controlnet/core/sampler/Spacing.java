package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;

/**
 * The ways to choose timesteps, in descending order: Lin et al. 2023, arXiv:2305.08891, table 2.
 * The order of operations is NumPy's: where a stride ends in a half, another order would round to
 * another timestep.
 */
final class Spacing {
  private Spacing() {}

  /** Whole strides from the first timestep, shifted by the schedule's offset. */
  static double[] leading(NoiseSchedule schedule, int steps) {
    return strides(schedule, steps, schedule.timesteps() / steps, 0);
  }

  /** As {@link #leading} with one more step, whose timestep is left out: the last. */
  static double[] leadingShort(NoiseSchedule schedule, int steps) {
    return strides(schedule, steps, Math.max(1, schedule.timesteps() / (steps + 1)), 1);
  }

  private static double[] strides(NoiseSchedule schedule, int steps, int stride, int first) {
    // As many steps as timesteps leave no room for the shift: the references then ask for
    // timesteps that do not exist, or the same one again and again.
    int room = schedule.timesteps() - 1 - (steps - 1 + first) * stride;
    int offset = Math.min(schedule.stepsOffset(), room);
    double[] timesteps = new double[steps];
    for (int i = 0; i < steps; i++) {
      timesteps[i] = (double) (steps - 1 - i + first) * stride + offset;
    }
    return timesteps;
  }

  /** Evenly from the last timestep to the first; not whole. One step is at the first. */
  static double[] linspace(NoiseSchedule schedule, int steps) {
    double[] timesteps = new double[steps];
    double stride = steps == 1 ? 0 : (schedule.timesteps() - 1) / (double) (steps - 1);
    for (int i = 0; i < steps; i++) {
      timesteps[i] = Math.min((steps - 1 - i) * stride, schedule.timesteps() - 1);
    }
    return timesteps;
  }

  /** As {@link #linspace} with one more step, whose timestep is left out: the first. Whole. */
  static double[] linspaceShort(NoiseSchedule schedule, int steps) {
    double[] timesteps = new double[steps];
    double stride = (schedule.timesteps() - 1) / (double) steps;
    for (int i = 0; i < steps; i++) {
      timesteps[i] = Math.min(Math.rint((steps - i) * stride), schedule.timesteps() - 1);
    }
    return timesteps;
  }

  /** Whole timesteps, evenly spaced downwards from the last. */
  static double[] trailing(NoiseSchedule schedule, int steps) {
    double all = schedule.timesteps();
    double stride = all - all / steps - all;
    double[] timesteps = new double[steps];
    for (int i = 0; i < steps; i++) {
      timesteps[i] = Math.rint(all + i * stride) - 1;
    }
    return timesteps;
  }

  static double[] rounded(double[] timesteps) {
    double[] rounded = new double[timesteps.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = Math.rint(timesteps[i]);
    }
    return rounded;
  }
}
