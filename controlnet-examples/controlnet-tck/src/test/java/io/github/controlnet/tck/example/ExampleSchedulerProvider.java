package io.github.controlnet.tck.example;

import io.github.controlnet.spi.scheduler.Scheduler;
import io.github.controlnet.spi.scheduler.SchedulerProvider;
import java.util.List;

// Brings the scheduler to the class path.
public final class ExampleSchedulerProvider implements SchedulerProvider {

  @Override
  public List<Scheduler> schedulers() {
    return List.of(new ExampleEulerScheduler());
  }
}
