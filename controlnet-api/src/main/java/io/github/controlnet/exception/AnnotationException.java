package io.github.controlnet.exception;

import org.jspecify.annotations.Nullable;

/** An annotator could not turn the photograph into a control map. */
public class AnnotationException extends ControlNetException {

  /**
   * Creates an exception.
   *
   * @param message what is wrong, what was expected and how to mend it
   */
  public AnnotationException(String message) {
    super(message);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message what is wrong, what was expected and how to mend it
   * @param cause what lies beneath, or null
   */
  public AnnotationException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
