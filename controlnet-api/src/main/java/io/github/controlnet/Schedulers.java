package io.github.controlnet;

import io.github.controlnet.spi.Providers;
import io.github.controlnet.spi.scheduler.Scheduler;
import java.util.List;

/** Finds schedulers on the class path. */
public final class Schedulers {
  private Schedulers() {}

  /**
   * DDIM (Song et al. 2020, arXiv:2010.02502), the default.
   *
   * @return the scheduler
   * @throws ProviderNotFoundException when {@code controlnet-core} is not on the class path
   */
  public static Scheduler ddim() {
    return named("ddim");
  }

  /**
   * Finds a scheduler by its name.
   *
   * @param name such as {@code ddim}
   * @return the scheduler
   * @throws ProviderNotFoundException when there is none, with the names of those there are
   */
  public static Scheduler named(String name) {
    return Providers.scheduler(Values.nonNull(name, "the scheduler's name"));
  }

  /**
   * Tells which schedulers are on the class path but cannot be used.
   *
   * @return for each its class, its jar and why; empty when all can be used
   */
  public static List<String> leftOut() {
    return Providers.schedulersLeftOut();
  }

  /**
   * Lists the schedulers on the class path.
   *
   * @return their names in alphabetical order
   */
  public static List<String> names() {
    return Providers.schedulerNames();
  }
}
