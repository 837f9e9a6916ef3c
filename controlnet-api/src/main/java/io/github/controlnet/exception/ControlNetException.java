package io.github.controlnet.exception;

import org.jspecify.annotations.Nullable;

/**
 * The root of every exception that this library throws on purpose, but for what Java's own say: an
 * {@link IllegalArgumentException}, a {@link NullPointerException} or an {@link
 * IllegalStateException} is a mistake of the calling program. Messages name the value that was
 * wrong, what was expected, and the remedy; they are meant to be shown to a person.
 */
public class ControlNetException extends RuntimeException {

  /**
   * Creates an exception.
   *
   * @param message what is wrong, what was expected and how to mend it
   */
  public ControlNetException(String message) {
    super(message);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message what is wrong, what was expected and how to mend it
   * @param cause what lies beneath, or null
   */
  public ControlNetException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
