package io.github.controlnet.spi;

import io.github.controlnet.engine.Engine;
import io.github.controlnet.engine.EngineOptions;

/**
 * Opens engines. Found through {@link java.util.ServiceLoader}; creating the provider must be cheap
 * and load no native library.
 */
public interface EngineProvider {

  /**
   * Returns the name that users type.
   *
   * @return lower case, unique among all engines, such as {@code pytorch}
   */
  String name();

  /**
   * Opens an engine on a device.
   *
   * @param options where and how it computes
   * @return the engine; the caller closes it
   * @throws io.github.controlnet.exception.InvalidRequestException when device or precision is not
   *     there
   * @throws io.github.controlnet.exception.EngineException when the native library cannot be used
   */
  Engine open(EngineOptions options);
}
