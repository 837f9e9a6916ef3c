package io.github.controlnet.tck.gaussian;

import io.github.controlnet.spi.engine.Engine;
import io.github.controlnet.spi.engine.EngineOptions;
import io.github.controlnet.spi.engine.EngineProvider;

/** Opens {@link GaussianEngine}s under the name {@code gaussian}. */
public final class GaussianEngineProvider implements EngineProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public GaussianEngineProvider() {}

  @Override
  public String name() {
    return "gaussian";
  }

  @Override
  public Engine open(EngineOptions options) {
    return new GaussianEngine(GaussianEngine.Probe.NONE);
  }
}
