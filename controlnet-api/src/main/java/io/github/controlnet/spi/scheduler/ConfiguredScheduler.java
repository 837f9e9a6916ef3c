package io.github.controlnet.spi.scheduler;

/** A sampler that runs with other settings than the base's. */
record ConfiguredScheduler(Scheduler sampler, ScheduleSettings settings) implements Scheduler {
  @Override
  public String name() {
    return sampler.name();
  }

  @Override
  public SchedulerRun start(NoiseSchedule schedule, SamplingOptions options) {
    return sampler.start(settings.applyTo(schedule), options);
  }

  @Override
  public Scheduler with(ScheduleSettings other) {
    return sampler.with(other);
  }
}
