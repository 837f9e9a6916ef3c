package io.github.controlnet.exception;

import org.jspecify.annotations.Nullable;

/**
 * An image cannot be read: its file is missing, damaged, too large or of a kind that is not
 * decoded, or its pixels are of a kind that is not understood. Another file, or the same image
 * saved in another format, mends it.
 */
public class UnreadableImageException extends ControlNetException {

  /**
   * Creates an exception.
   *
   * @param message what is wrong, what was expected and how to mend it
   */
  public UnreadableImageException(String message) {
    super(message);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message what is wrong, what was expected and how to mend it
   * @param cause what lies beneath, or null
   */
  public UnreadableImageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
