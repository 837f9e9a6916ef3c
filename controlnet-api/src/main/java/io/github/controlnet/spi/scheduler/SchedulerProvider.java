package io.github.controlnet.spi.scheduler;

import java.util.List;

/** Brings schedulers to the class path. Found through {@link java.util.ServiceLoader}. */
public interface SchedulerProvider {

  /**
   * Returns the schedulers.
   *
   * @return at least one; names are unique among all on the class path
   */
  List<Scheduler> schedulers();
}
