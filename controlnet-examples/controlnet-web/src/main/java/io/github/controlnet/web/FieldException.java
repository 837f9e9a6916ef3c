package io.github.controlnet.web;

import io.github.controlnet.exception.InvalidRequestException;
import org.jspecify.annotations.Nullable;

/** Says which field of a request's body is not as it should be. */
final class FieldException extends InvalidRequestException {
  private static final long serialVersionUID = 1;

  private final String field;

  /**
   * Creates an exception.
   *
   * @param field its path, such as {@code alwayson_scripts.controlnet.args[0].weight}
   * @param message begins with the path
   * @param cause what lies beneath, or null
   */
  FieldException(String field, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.field = field;
  }

  String field() {
    return field;
  }
}
