package io.github.controlnet.core.json;

import io.github.controlnet.exception.InvalidRequestException;
import org.jspecify.annotations.Nullable;

/** Says which field of a JSON document is not as it should be. */
public final class FieldException extends InvalidRequestException {
  private static final long serialVersionUID = 1;

  private final String field;

  /**
   * Creates an exception.
   *
   * @param field its path, such as {@code alwayson_scripts.controlnet.args[0].weight}
   * @param message begins with the path
   * @param cause what lies beneath, or null
   */
  public FieldException(String field, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.field = field;
  }

  /**
   * Returns the path of the field.
   *
   * @return empty for the document itself
   */
  public String field() {
    return field;
  }
}
