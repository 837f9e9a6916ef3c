package io.github.controlnet.exception;

import org.jspecify.annotations.Nullable;

/** The engine that runs the networks failed, for example for lack of memory. */
public class EngineException extends ControlNetException {

  /**
   * Creates an exception.
   *
   * @param message what is wrong, what was expected and how to mend it
   */
  public EngineException(String message) {
    super(message);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message what is wrong, what was expected and how to mend it
   * @param cause what lies beneath, or null
   */
  public EngineException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
