package io.github.controlnet.training;

import io.github.controlnet.exception.ControlNetException;
import org.jspecify.annotations.Nullable;

/** An image, a control map or a prompt of the training data cannot be used. */
public class TrainingDataException extends ControlNetException {

  /**
   * Creates an exception.
   *
   * @param message which record, what is wrong with it and how to mend it
   */
  public TrainingDataException(String message) {
    super(message);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message which record, what is wrong with it and how to mend it
   * @param cause what lies beneath, or null
   */
  public TrainingDataException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
