package io.github.controlnet.core.sampler;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.SamplerRun;
import io.github.controlnet.sampler.SamplingOptions;

/**
 * A sampler that is a name and a way to start runs.
 *
 * @param name what users type
 * @param starter starts a run
 */
record NamedSampler(String name, Starter starter) implements Sampler {

  /** Starts a run; the number of steps has been checked. */
  @FunctionalInterface
  interface Starter {
    SamplerRun start(NoiseSchedule schedule, SamplingOptions options);
  }

  @Override
  public SamplerRun start(NoiseSchedule schedule, SamplingOptions options) {
    if (options.steps() > schedule.timesteps()) {
      throw new InvalidRequestException(
          "The number of steps is %d; expected at most %d, the timesteps that the model was trained with."
              .formatted(options.steps(), schedule.timesteps()));
    }
    return starter.start(schedule, options);
  }
}
