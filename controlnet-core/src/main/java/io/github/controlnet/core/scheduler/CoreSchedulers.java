package io.github.controlnet.core.scheduler;

import io.github.controlnet.spi.scheduler.Scheduler;
import io.github.controlnet.spi.scheduler.SchedulerProvider;
import java.util.List;

/** Brings the library's own schedulers to the class path. */
public final class CoreSchedulers implements SchedulerProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public CoreSchedulers() {}

  @Override
  public List<Scheduler> schedulers() {
    return List.of(new DdimScheduler());
  }
}
