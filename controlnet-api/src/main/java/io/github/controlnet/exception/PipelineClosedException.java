package io.github.controlnet.exception;

import org.jspecify.annotations.Nullable;

/** The pipeline has been closed and cannot generate any more. */
public class PipelineClosedException extends ControlNetException {

  /**
   * Creates an exception.
   *
   * @param message what is wrong, what was expected and how to mend it
   */
  public PipelineClosedException(String message) {
    super(message);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message what is wrong, what was expected and how to mend it
   * @param cause what lies beneath, or null
   */
  public PipelineClosedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
