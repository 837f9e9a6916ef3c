package io.github.controlnet.sampler;

/** A sampler that runs with other settings than the base's. */
record ConfiguredSampler(Sampler sampler, ScheduleSettings settings) implements Sampler {
  @Override
  public String name() {
    return sampler.name();
  }

  @Override
  public SamplerRun start(NoiseSchedule schedule, SamplingOptions options) {
    return sampler.start(settings.applyTo(schedule), options);
  }

  @Override
  public Sampler with(ScheduleSettings other) {
    return sampler.with(other);
  }
}
