package io.github.controlnet.tck.gaussian;

import io.github.controlnet.engine.Engine;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.spi.EngineProvider;

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
