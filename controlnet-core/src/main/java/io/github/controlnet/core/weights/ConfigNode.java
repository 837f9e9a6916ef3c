package io.github.controlnet.core.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.controlnet.core.internal.JsonText;
import io.github.controlnet.exception.WeightsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * One component's configuration as it is in a file, with checked access. Absent keys and nulls are
 * the same.
 *
 * @param source the file, for messages
 * @param prefix the path of keys that leads to this node, for messages
 * @param node the values
 */
record ConfigNode(String source, String prefix, JsonNode node) {
  static final ConfigNode NONE = new ConfigNode("", "", MissingNode.getInstance());

  static ConfigNode of(Path file, JsonNode node) {
    return new ConfigNode(file.toString(), "", node);
  }

  boolean isPresent() {
    return !node.isMissingNode();
  }

  ConfigNode child(String key) {
    if (!has(key)) {
      return NONE;
    }
    JsonNode child = node.get(key);
    if (!child.isObject()) {
      throw bad(key, "an object");
    }
    return new ConfigNode(source, prefix + key + ".", child);
  }

  boolean hasAny(Set<String> keys) {
    return keys.stream().anyMatch(this::has);
  }

  boolean has(String key) {
    return node.hasNonNull(key);
  }

  OptionalInt integer(String key) {
    if (!has(key)) {
      return OptionalInt.empty();
    }
    JsonNode value = node.get(key);
    if (!value.canConvertToExactIntegral() || !value.canConvertToInt()) {
      throw bad(key, "a whole number");
    }
    return OptionalInt.of(value.intValue());
  }

  /** A whole number above 0. */
  OptionalInt count(String key) {
    OptionalInt value = integer(key);
    if (value.isPresent() && value.getAsInt() < 1) {
      throw bad(key, "a whole number above 0");
    }
    return value;
  }

  Optional<Double> number(String key) {
    if (!has(key)) {
      return Optional.empty();
    }
    JsonNode value = node.get(key);
    if (!value.isNumber()) {
      if (!(value.isTextual() && isYaml())) {
        throw bad(key, "a number");
      }
      // YAML 1.2 readers take 1e-5 for text
      try {
        return Optional.of(Double.valueOf(value.asText()));
      } catch (NumberFormatException e) {
        throw bad(key, "a number");
      }
    }
    return Optional.of(value.doubleValue());
  }

  /** A number that a 32-bit float can be too. */
  Optional<Double> finite(String key) {
    Optional<Double> value = number(key);
    if (value.isPresent() && !(Math.abs(value.get()) <= Float.MAX_VALUE)) {
      throw bad(key, "a number");
    }
    return value;
  }

  private boolean isYaml() {
    String name = source.toLowerCase(Locale.ROOT);
    return name.endsWith(".yaml") || name.endsWith(".yml");
  }

  /** A list of numbers; absent when it is not there. */
  Optional<double[]> numbers(String key) {
    if (!has(key)) {
      return Optional.empty();
    }
    JsonNode list = node.get(key);
    double[] numbers = new double[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!list.isArray() || !list.get(i).isNumber()) {
        throw bad(key, "a list of numbers");
      }
      numbers[i] = list.get(i).doubleValue();
    }
    if (numbers.length == 0) {
      throw bad(key, "a list of numbers");
    }
    return Optional.of(numbers);
  }

  /** A number above 0 that a 32-bit float can be too. */
  Optional<Double> positive(String key) {
    Optional<Double> value = number(key);
    if (value.isPresent() && !(value.get() >= Float.MIN_NORMAL && value.get() <= Float.MAX_VALUE)) {
      throw bad(key, "a number above 0");
    }
    return value;
  }

  Optional<Boolean> flag(String key) {
    if (!has(key)) {
      return Optional.empty();
    }
    if (!node.get(key).isBoolean()) {
      throw bad(key, "true or false");
    }
    return Optional.of(node.get(key).booleanValue());
  }

  Optional<String> text(String key) {
    if (!has(key)) {
      return Optional.empty();
    }
    if (!node.get(key).isTextual()) {
      throw bad(key, "a text");
    }
    return Optional.of(node.get(key).textValue());
  }

  /** A whole number above 0 or a list of them; empty when absent. */
  List<Integer> counts(String key) {
    if (!has(key)) {
      return List.of();
    }
    JsonNode value = node.get(key);
    if (!value.isArray()) {
      return List.of(count(key).orElseThrow());
    }
    List<Integer> counts = new ArrayList<>();
    for (JsonNode item : value) {
      if (!item.isInt() || item.intValue() < 1) {
        throw bad(key, "whole numbers above 0");
      }
      counts.add(item.intValue());
    }
    if (counts.isEmpty()) {
      throw bad(key, "at least one number");
    }
    return counts;
  }

  /** A list of texts; empty when absent. */
  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    if (has(key)) {
      if (!node.get(key).isArray()) {
        throw bad(key, "a list of texts");
      }
      for (JsonNode item : node.get(key)) {
        if (!item.isTextual()) {
          throw bad(key, "a list of texts");
        }
        texts.add(item.textValue());
      }
    }
    return texts;
  }

  /** One flag or a list of them; empty when absent. */
  List<Boolean> flags(String key) {
    if (!has(key) || !node.get(key).isArray()) {
      return flag(key).map(List::of).orElse(List.of());
    }
    List<Boolean> flags = new ArrayList<>();
    for (JsonNode item : node.get(key)) {
      if (!item.isBoolean()) {
        throw bad(key, "true or false, or a list of them");
      }
      flags.add(item.booleanValue());
    }
    return flags;
  }

  /** Refuses any value but the default, absent or the given ones (compared as text). */
  void only(String key, String... supported) {
    if (has(key)) {
      String value =
          node.get(key).isContainerNode() ? JsonText.whole(node.get(key)) : text(key, "");
      if (!List.of(supported).contains(value)) {
        throw unsupported(
            key, value, supported.length == 0 ? "none" : String.join(" or ", supported));
      }
    }
  }

  /** Refuses a flag that is set the other way. */
  void onlyFlag(String key, boolean supported) {
    if (flag(key).orElse(supported) != supported) {
      throw unsupported(key, text(key, ""), String.valueOf(supported));
    }
  }

  /** Refuses a number that is another. */
  void onlyNumber(String key, double supported) {
    Optional<Double> value = number(key);
    if (value.isPresent() && value.get() != supported) {
      throw unsupported(key, text(key, ""), String.valueOf(supported));
    }
  }

  WeightsException unsupported(String key, String value, String supported) {
    return new WeightsException(
        "%s: \"%s%s\" is %s, which is not supported; expected %s. Use another model."
            .formatted(source, prefix, key, shown(value), supported));
  }

  WeightsException bad(String key, String expected) {
    return new WeightsException(
        "%s: \"%s%s\" is %s; expected %s."
            .formatted(source, prefix, key, JsonText.shown(node.path(key)), expected));
  }

  private static String shown(String value) {
    return value.length() <= 100 ? value : value.substring(0, 100) + "...";
  }

  private String text(String key, String fallback) {
    return has(key) ? node.get(key).asText() : fallback;
  }
}
