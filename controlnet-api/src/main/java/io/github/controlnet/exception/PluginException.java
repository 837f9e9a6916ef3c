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
   * @param message which plugin, what it did and what was expected, as sentences; a link to the
   *     chapter of TROUBLESHOOTING.md is added
   */
  public PluginException(String message) {
    super(Help.BROKEN_PLUGIN.after(message));
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message which plugin, what it did and what was expected, as sentences; a link to the
   *     chapter of TROUBLESHOOTING.md is added
   * @param cause what the plugin threw, or null
   */
  public PluginException(String message, @Nullable Throwable cause) {
    super(Help.BROKEN_PLUGIN.after(message), cause);
  }
}
