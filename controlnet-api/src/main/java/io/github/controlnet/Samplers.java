package io.github.controlnet;

import io.github.controlnet.exception.ProviderNotFoundException;
import io.github.controlnet.internal.Values;
import io.github.controlnet.internal.lookup.Providers;
import io.github.controlnet.sampler.Sampler;
import java.util.List;

/** Finds schedulers on the class path. */
public final class Samplers {
  private Samplers() {}

  /**
   * DDIM (Song et al. 2020, arXiv:2010.02502), the default.
   *
   * @return the scheduler
   * @throws ProviderNotFoundException when {@code controlnet-core} is not on the class path
   */
  public static Sampler ddim() {
    return named("ddim");
  }

  /**
   * Finds a scheduler by its name.
   *
   * @param name such as {@code ddim}
   * @return the scheduler
   * @throws ProviderNotFoundException when there is none, with the names of those there are
   */
  public static Sampler named(String name) {
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
