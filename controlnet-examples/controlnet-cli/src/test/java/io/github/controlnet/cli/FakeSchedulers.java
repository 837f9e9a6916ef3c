package io.github.controlnet.cli;

import io.github.controlnet.spi.scheduler.NoiseSchedule;
import io.github.controlnet.spi.scheduler.SamplingOptions;
import io.github.controlnet.spi.scheduler.Scheduler;
import io.github.controlnet.spi.scheduler.SchedulerProvider;
import io.github.controlnet.spi.scheduler.SchedulerRun;
import java.util.List;

/** Two schedulers that have names and nothing else. */
public final class FakeSchedulers implements SchedulerProvider {
  private record Named(String name) implements Scheduler {
    @Override
    public SchedulerRun start(NoiseSchedule schedule, SamplingOptions options) {
      throw new UnsupportedOperationException("only a name");
    }
  }

  @Override
  public List<Scheduler> schedulers() {
    return List.of(new Named("ddim"), new Named("another"));
  }
}
