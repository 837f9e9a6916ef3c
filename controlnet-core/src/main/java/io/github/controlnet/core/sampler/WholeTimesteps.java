package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.TimestepSpacing;

/** Whole timesteps in descending order, as many as there are steps. */
final class WholeTimesteps {
  private final double[] timesteps;
  private final int stride;

  private WholeTimesteps(double[] timesteps, int stride) {
    this.timesteps = timesteps;
    this.stride = stride;
  }

  /**
   * As the schedule's spacing says; without one, leading, as diffusers and the original code do.
   *
   * @param steps at most the schedule's timesteps, which {@link NamedSampler} has checked
   */
  static WholeTimesteps of(NoiseSchedule schedule, int steps) {
    double[] timesteps =
        switch (schedule.timestepSpacing().orElse(TimestepSpacing.LEADING)) {
          case LEADING -> Spacing.leading(schedule, steps);
          case LINSPACE -> Spacing.rounded(Spacing.linspace(schedule, steps));
          case TRAILING -> Spacing.trailing(schedule, steps);
        };
    return new WholeTimesteps(timesteps, schedule.timesteps() / steps);
  }

  int steps() {
    return timesteps.length;
  }

  /** How far apart steps are, rounded down. */
  int stride() {
    return stride;
  }

  int timestep(int index) {
    return (int) timesteps[index];
  }

  /** One stride below; it may be below 0, and differs from the next where strides are not even. */
  int previousTimestep(int index) {
    return timestep(index) - stride;
  }
}
