package io.github.controlnet.core.scheduler;

import io.github.controlnet.InvalidRequestException;
import io.github.controlnet.spi.scheduler.NoiseSchedule;
import io.github.controlnet.spi.scheduler.SamplingOptions;
import io.github.controlnet.spi.scheduler.Scheduler;
import io.github.controlnet.spi.scheduler.SchedulerRun;

/**
 * A scheduler that is a name and a way to start runs.
 *
 * @param name what users type
 * @param starter starts a run
 */
record NamedScheduler(String name, Starter starter) implements Scheduler {

  /** Starts a run; the number of steps has been checked. */
  @FunctionalInterface
  interface Starter {
    SchedulerRun start(NoiseSchedule schedule, SamplingOptions options);
  }

  @Override
  public SchedulerRun start(NoiseSchedule schedule, SamplingOptions options) {
    if (options.steps() > schedule.timesteps()) {
      throw new InvalidRequestException(
          "The number of steps is %d; expected at most %d, the timesteps that the model was trained with."
              .formatted(options.steps(), schedule.timesteps()));
    }
    return starter.start(schedule, options);
  }
}
