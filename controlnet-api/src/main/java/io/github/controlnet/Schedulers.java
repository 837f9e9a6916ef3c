package io.github.controlnet;

import io.github.controlnet.exception.ProviderNotFoundException;
import io.github.controlnet.sampler.Sampler;

/** {@link Samplers} under the word that diffusers uses. */
public final class Schedulers {
  private Schedulers() {}

  /**
   * DDIM, the default.
   *
   * @return {@link Samplers#ddim()}
   * @throws ProviderNotFoundException when {@code controlnet-core} is not on the class path
   */
  public static Sampler ddim() {
    return Samplers.ddim();
  }

  /**
   * Finds a sampler by its name.
   *
   * @param name such as {@code ddim}
   * @return {@link Samplers#named}
   * @throws ProviderNotFoundException when there is none, with the names of those there are
   */
  public static Sampler named(String name) {
    return Samplers.named(name);
  }
}
