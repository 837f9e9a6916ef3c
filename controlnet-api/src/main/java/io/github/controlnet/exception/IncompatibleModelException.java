package io.github.controlnet.exception;

import org.jspecify.annotations.Nullable;

/** Models that are each readable do not belong together, such as a control for another base. */
public class IncompatibleModelException extends ControlNetException {

  /**
   * Creates an exception.
   *
   * @param message what is wrong, what was expected and how to mend it, as sentences; a link to the
   *     chapter of TROUBLESHOOTING.md is added
   */
  public IncompatibleModelException(String message) {
    super(Help.MODELS_DO_NOT_FIT.after(message));
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message what is wrong, what was expected and how to mend it, as sentences; a link to the
   *     chapter of TROUBLESHOOTING.md is added
   * @param cause what lies beneath, or null
   */
  public IncompatibleModelException(String message, @Nullable Throwable cause) {
    super(Help.MODELS_DO_NOT_FIT.after(message), cause);
  }
}
