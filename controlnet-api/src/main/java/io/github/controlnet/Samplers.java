package io.github.controlnet;

import io.github.controlnet.exception.ProviderNotFoundException;
import io.github.controlnet.internal.Values;
import io.github.controlnet.internal.lookup.Providers;
import io.github.controlnet.sampler.Sampler;
import java.util.List;

/** Finds samplers on the class path. */
public final class Samplers {
  private Samplers() {}

  /**
   * DDIM (Song et al. 2020, arXiv:2010.02502), the default.
   *
   * @return the sampler
   * @throws ProviderNotFoundException when {@code controlnet-core} is not on the class path
   */
  public static Sampler ddim() {
    return named("ddim");
  }

  /**
   * Finds a sampler by its name.
   *
   * @param name such as {@code ddim}
   * @return the sampler
   * @throws ProviderNotFoundException when there is none, with the names of those there are
   */
  public static Sampler named(String name) {
    return Providers.sampler(Values.nonNull(name, "the sampler's name"));
  }

  /**
   * Tells which samplers are on the class path but cannot be used.
   *
   * @return for each its class, its jar and why; empty when all can be used
   */
  public static List<String> leftOut() {
    return Providers.samplersLeftOut();
  }

  /**
   * Lists the samplers on the class path.
   *
   * @return their names in alphabetical order
   */
  public static List<String> names() {
    return Providers.samplerNames();
  }
}
