package io.github.controlnet.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.controlnet.InvalidRequestException;

/**
 * An object of the web UI's interface: what is missing or null has its usual value, what is of
 * another kind is refused.
 *
 * @param node the object
 */
record SdPayload(JsonNode node) {

  /** Checks that it is an object. */
  SdPayload {
    if (!node.isObject()) {
      throw new InvalidRequestException("The body of the request is no object; expected {...}.");
    }
  }

  JsonNode path(String name) {
    return node.path(name);
  }

  String text(String name) {
    return path(name).isNull() ? "" : path(name).asText("");
  }

  boolean flag(String name, boolean usual) {
    return path(name).asBoolean(usual);
  }

  int integer(String name, int usual) {
    double value = number(name, usual);
    if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
      throw unlike(name, "an integer");
    }
    return (int) value;
  }

  double number(String name, double usual) {
    JsonNode value = path(name);
    if (value.isMissingNode() || value.isNull()) {
      return usual;
    }
    if (value.isTextual()) {
      try {
        return Double.parseDouble(value.asText().strip());
      } catch (NumberFormatException e) {
        throw unlike(name, "a number");
      }
    }
    if (!value.isNumber()) {
      throw unlike(name, "a number");
    }
    return value.asDouble();
  }

  private InvalidRequestException unlike(String name, String expected) {
    String value = path(name).toString();
    return new InvalidRequestException(
        "%s is %s; expected %s."
            .formatted(
                name, value.length() > 40 ? value.substring(0, 40) + "..." : value, expected));
  }
}
