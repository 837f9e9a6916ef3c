package io.github.controlnet.exception;

import org.jspecify.annotations.Nullable;

/**
 * A plugin does not do what its interface says: it threw what it must not, or its result is null,
 * of a wrong size or no number. The message names the plugin's class and jar.
 */
public class PluginException extends ControlNetException {

  /**
   * Creates an exception.
   *
   * @param message which plugin, what it did and what was expected
   */
  public PluginException(String message) {
    super(message);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message which plugin, what it did and what was expected
   * @param cause what the plugin threw, or null
   */
  public PluginException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
