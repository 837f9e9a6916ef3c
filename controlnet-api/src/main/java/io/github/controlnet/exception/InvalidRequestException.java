package io.github.controlnet.exception;

import org.jspecify.annotations.Nullable;

/** A request, an option or a builder value is not legal; nothing has run yet. */
public class InvalidRequestException extends ControlNetException {

  /**
   * Creates an exception.
   *
   * @param message what is wrong, what was expected and how to mend it
   */
  public InvalidRequestException(String message) {
    super(message);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message what is wrong, what was expected and how to mend it
   * @param cause what lies beneath, or null
   */
  public InvalidRequestException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
