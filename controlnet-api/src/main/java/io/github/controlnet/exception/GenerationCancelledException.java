package io.github.controlnet.exception;

import org.jspecify.annotations.Nullable;

/**
 * The generation was cancelled by its token, by an interrupt, or because the pipeline was closed.
 */
public class GenerationCancelledException extends ControlNetException {

  /**
   * Creates an exception.
   *
   * @param message what is wrong, what was expected and how to mend it
   */
  public GenerationCancelledException(String message) {
    super(message);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message what is wrong, what was expected and how to mend it
   * @param cause what lies beneath, or null
   */
  public GenerationCancelledException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
