package io.github.controlnet.core.text;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A token that is found in the text before it is split.
 *
 * @param content its text
 * @param normalized whether it is looked for after the text was put in lower case
 * @param stripLeft whether it swallows the space before it
 * @param stripRight whether it swallows the space after it
 * @param singleWord whether it must stand alone
 */
record SpecialToken(
    String content, boolean normalized, boolean stripLeft, boolean stripRight, boolean singleWord) {

  /** Reads text, or an object with the flags. */
  static SpecialToken of(JsonNode value, boolean normalizedByDefault) {
    if (value.isTextual()) {
      return new SpecialToken(value.asText(), normalizedByDefault, false, false, false);
    }
    return new SpecialToken(
        value.path("content").asText(),
        value.path("normalized").asBoolean(false),
        value.path("lstrip").asBoolean(false),
        value.path("rstrip").asBoolean(false),
        value.path("single_word").asBoolean(false));
  }
}
