package io.github.controlnet.exception;

import org.jspecify.annotations.Nullable;

/** A weights file or folder is missing, damaged, unsafe or of a kind that cannot be used. */
public class WeightsException extends ControlNetException {

  /**
   * Creates an exception.
   *
   * @param message what is wrong, what was expected and how to mend it
   */
  public WeightsException(String message) {
    super(message);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message what is wrong, what was expected and how to mend it
   * @param cause what lies beneath, or null
   */
  public WeightsException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
