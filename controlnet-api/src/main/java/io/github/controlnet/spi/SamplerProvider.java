package io.github.controlnet.spi;

import io.github.controlnet.sampler.Sampler;
import java.util.List;

/** Brings samplers to the class path. Found through {@link java.util.ServiceLoader}. */
public interface SamplerProvider {

  /**
   * Returns the samplers.
   *
   * @return at least one; names are unique among all on the class path
   */
  List<Sampler> samplers();
}
