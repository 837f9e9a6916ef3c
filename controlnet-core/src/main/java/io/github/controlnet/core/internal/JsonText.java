package io.github.controlnet.core.internal;

import com.fasterxml.jackson.databind.JsonNode;

/** Values of JSON as messages show them. */
public final class JsonText {
  private static final int LONGEST = 60;
  private static final int DEEPEST = 8;

  private JsonText() {}

  /**
   * Shows a value, shortened where it is long.
   *
   * @param value a value, or a missing one
   * @return as {@link #whole}, with dots after 60 letters
   */
  public static String shown(JsonNode value) {
    String text = whole(value);
    return text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
  }

  /**
   * Shows a value; in words where it is nested so deeply that Jackson cannot write it.
   *
   * @param value a value, or a missing one
   * @return such as {@code "abc"} with its quotes, {@code [1,2]} or {@code missing}
   */
  public static String whole(JsonNode value) {
    if (value.isMissingNode()) {
      return "missing";
    }
    if (value.isContainerNode() && isDeep(value, DEEPEST)) {
      return value.isArray()
          ? "a deeply nested list of %d".formatted(value.size())
          : "a deeply nested object of %d".formatted(value.size());
    }
    return value.toString();
  }

  private static boolean isDeep(JsonNode value, int left) {
    if (left == 0) {
      return true;
    }
    for (JsonNode each : value) {
      if (each.isContainerNode() && isDeep(each, left - 1)) {
        return true;
      }
    }
    return false;
  }
}
