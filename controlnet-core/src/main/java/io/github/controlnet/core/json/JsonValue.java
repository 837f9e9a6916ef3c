package io.github.controlnet.core.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.ProviderNotFoundException;
import io.github.controlnet.exception.UnreadableImageException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A value of a JSON document, which knows its place. Missing and null are the same: nothing was
 * said. A value of another kind is refused; numbers and flags may be written as texts, since
 * clients do so.
 *
 * @param node the value
 * @param path its place, such as {@code override_settings.sd_vae}
 * @param owner the object that it belongs to
 */
public record JsonValue(JsonNode node, String path, JsonFields owner) {
  private static final int SHOWN = 40;

  /** More digits than any number here has; larger exponents would take memory. */
  private static final int MOST_DIGITS = 400;

  private static final List<String> YES = List.of("true", "1", "yes", "on");
  private static final List<String> NO = List.of("false", "0", "no", "off");

  public boolean isAbsent() {
    return node.isMissingNode() || node.isNull();
  }

  public boolean isText() {
    return node.isTextual();
  }

  public boolean isObject() {
    return node.isObject();
  }

  public boolean isList() {
    return node.isArray();
  }

  /** Tells whether nothing is said: missing, null, an empty text, list or object. */
  public boolean isEmpty() {
    return isAbsent()
        || (isText() ? node.textValue().isBlank() : node.isContainerNode() && node.isEmpty());
  }

  public Optional<String> text() {
    if (isAbsent()) {
      return Optional.empty();
    }
    if (!isText()) {
      throw refused("a text");
    }
    return Optional.of(node.textValue());
  }

  public Optional<Double> number() {
    return decimal("a number").map(this::finite);
  }

  private double finite(BigDecimal number) {
    double value = number.doubleValue();
    if (Double.isInfinite(value)) {
      throw refused("a number of fewer digits");
    }
    return value;
  }

  public Optional<Integer> integer() {
    return integer("an integer", Integer.MIN_VALUE, Integer.MAX_VALUE).map(Long::intValue);
  }

  public Optional<Long> longInteger() {
    return integer("an integer of 64 bits", Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** Every digit counts: a number is never rounded. */
  private Optional<Long> integer(String expected, long least, long most) {
    return decimal(expected)
        .map(
            number -> {
              if (number.stripTrailingZeros().scale() > 0
                  || number.compareTo(BigDecimal.valueOf(least)) < 0
                  || number.compareTo(BigDecimal.valueOf(most)) > 0) {
                throw refused(expected);
              }
              return number.longValueExact();
            });
  }

  private Optional<BigDecimal> decimal(String expected) {
    if (isAbsent() || (isText() && node.textValue().isBlank())) {
      return Optional.empty();
    }
    BigDecimal number;
    if (node.isNumber()) {
      number = node.decimalValue();
    } else if (isText() && node.textValue().length() <= MOST_DIGITS) {
      try {
        number = new BigDecimal(node.textValue().strip());
      } catch (NumberFormatException e) {
        throw refused(expected);
      }
    } else {
      throw refused(expected);
    }
    if (number.precision() > MOST_DIGITS || Math.abs((long) number.scale()) > MOST_DIGITS) {
      throw refused(expected);
    }
    return Optional.of(number);
  }

  public Optional<Boolean> flag() {
    if (isAbsent()) {
      return Optional.empty();
    }
    if (node.isBoolean()) {
      return Optional.of(node.booleanValue());
    }
    if (node.isNumber() || isText()) {
      String word = node.asText().strip().toLowerCase(Locale.ROOT);
      if (YES.contains(word) || NO.contains(word)) {
        return Optional.of(YES.contains(word));
      }
    }
    throw refused("true or false");
  }

  /**
   * Reads one of the words for the values of a type, in any case.
   *
   * @param type the type
   * @param <E> the type
   * @return the value
   */
  public <E extends Enum<E>> Optional<E> word(Class<E> type) {
    return text()
        .map(
            word ->
                Arrays.stream(type.getEnumConstants())
                    .filter(each -> each.name().equalsIgnoreCase(word))
                    .findFirst()
                    .orElseThrow(() -> refused("one of: " + String.join(", ", words(type)))));
  }

  /**
   * Returns the words for the values of a type.
   *
   * @param type the type
   * @return its names in small letters
   */
  public static List<String> words(Class<? extends Enum<?>> type) {
    return Arrays.stream(type.getEnumConstants()).map(JsonValue::word).toList();
  }

  /**
   * Returns the word for a value.
   *
   * @param value the value
   * @return its name in small letters
   */
  public static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** Reads a list; nothing said is an empty one. */
  public List<JsonValue> items() {
    if (isAbsent()) {
      return List.of();
    }
    if (!isList()) {
      throw refused("a list");
    }
    List<JsonValue> items = new ArrayList<>();
    for (JsonNode item : node) {
      items.add(new JsonValue(item, "%s[%d]".formatted(path, items.size()), owner));
    }
    return items;
  }

  /** Reads an object, which is finished with its owner. */
  public Optional<JsonFields> object() {
    if (isAbsent()) {
      return Optional.empty();
    }
    if (!isObject()) {
      throw refused("an object");
    }
    return Optional.of(owner.part(node, path));
  }

  /** Does what takes the value elsewhere, and tells the place when it is refused there. */
  public <T> T within(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (FieldException e) {
      throw e;
    } catch (InvalidRequestException
        | UnreadableImageException
        | ProviderNotFoundException
        | IllegalArgumentException e) {
      throw new FieldException(path, "%s: %s".formatted(path, e.getMessage()), e);
    }
  }

  /** Says that the value is not what is expected here. */
  public FieldException refused(String expected) {
    return new FieldException(
        path, "%s is %s; expected %s.".formatted(path, shown(), expected), null);
  }

  /** Says that the value would change the picture in a way that is not here. */
  public FieldException notHere() {
    return new FieldException(
        path, "%s is %s, which is not here; leave it out.".formatted(path, shown()), null);
  }

  private String shown() {
    String value = node.isMissingNode() ? "missing" : node.toString();
    return value.length() > SHOWN ? value.substring(0, SHOWN) + "..." : value;
  }
}
