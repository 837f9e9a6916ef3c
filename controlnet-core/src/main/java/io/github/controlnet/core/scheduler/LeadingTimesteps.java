package io.github.controlnet.core.scheduler;

import io.github.controlnet.InvalidRequestException;
import io.github.controlnet.spi.scheduler.NoiseSchedule;

/**
 * Timesteps in equal whole strides from the first, in descending order, shifted by the schedule's
 * offset: the "leading" spacing of diffusers and of the original code (Lin et al. 2023,
 * arXiv:2305.08891, table 2).
 *
 * @param stride how far apart the timesteps are
 * @param offset how far they are shifted upwards
 * @param steps how many there are
 */
record LeadingTimesteps(int stride, int offset, int steps) {

  static LeadingTimesteps of(NoiseSchedule schedule, int steps) {
    if (steps > schedule.timesteps()) {
      throw new InvalidRequestException(
          "The number of steps is %d; expected at most %d, the timesteps that the model was trained with."
              .formatted(steps, schedule.timesteps()));
    }
    int stride = schedule.timesteps() / steps;
    // As many steps as timesteps leave no room for the shift: the references then read past the
    // end of their tables.
    int room = schedule.timesteps() - 1 - (steps - 1) * stride;
    return new LeadingTimesteps(stride, Math.min(schedule.stepsOffset(), room), steps);
  }

  int timestep(int index) {
    return (steps - 1 - index) * stride + offset;
  }

  int previousTimestep(int index) {
    return timestep(index) - stride;
  }
}
