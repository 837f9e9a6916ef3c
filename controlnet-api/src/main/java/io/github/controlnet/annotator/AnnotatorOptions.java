package io.github.controlnet.annotator;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The checked options of an annotator: every option that it has, with a legal value. */
public final class AnnotatorOptions {
  private final Map<String, String> values;

  private AnnotatorOptions(Map<String, String> values) {
    this.values = Map.copyOf(values);
  }

  /**
   * Checks what the user gave and fills in the defaults.
   *
   * @param annotator the name of the annotator, for messages
   * @param known the options that it has
   * @param given values as text, by name
   * @return a value for every option
   * @throws IllegalArgumentException when a name is unknown or a value is not legal
   */
  public static AnnotatorOptions parse(
      String annotator, List<AnnotatorOption> known, Map<String, String> given) {
    for (String name : given.keySet()) {
      if (known.stream().noneMatch(option -> option.name().equals(name))) {
        throw new IllegalArgumentException(
            "The annotator \"%s\" has no option \"%s\"; it has: %s."
                .formatted(
                    annotator,
                    name,
                    known.isEmpty()
                        ? "none"
                        : String.join(", ", known.stream().map(AnnotatorOption::name).toList())));
      }
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (AnnotatorOption option : known) {
      String text = given.getOrDefault(option.name(), option.defaultValue());
      check(annotator, option, text);
      values.put(option.name(), text);
    }
    return new AnnotatorOptions(values);
  }

  private static void check(String annotator, AnnotatorOption option, String text) {
    boolean legal =
        switch (option.type()) {
          case TEXT -> true;
          case CHOICE -> option.choices().contains(text);
          case BOOLEAN -> text.equals("true") || text.equals("false");
          case INTEGER -> text.matches("[+-]?[0-9]{1,9}") && inRange(option, text);
          case NUMBER -> inRange(option, text);
        };
    if (!legal) {
      String expected =
          switch (option.type()) {
            case TEXT -> "text";
            case CHOICE -> String.join(" or ", option.choices());
            case BOOLEAN -> "true or false";
            case INTEGER ->
                "a whole number from %.0f to %.0f".formatted(option.minimum(), option.maximum());
            case NUMBER -> "a number from %s to %s".formatted(option.minimum(), option.maximum());
          };
      throw new IllegalArgumentException(
          "The option \"%s\" of the annotator \"%s\" is \"%s\"; expected %s."
              .formatted(option.name(), annotator, text, expected));
    }
  }

  private static boolean inRange(AnnotatorOption option, String text) {
    try {
      double number = Double.parseDouble(text);
      return number >= option.minimum() && number <= option.maximum();
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /**
   * Returns a whole number.
   *
   * @param name an option of type {@link AnnotatorOption.Type#INTEGER}
   * @return its value
   * @throws IllegalArgumentException when the annotator has no such option
   */
  public int integer(String name) {
    return Integer.parseInt(text(name));
  }

  /**
   * Returns a number.
   *
   * @param name an option of type {@link AnnotatorOption.Type#NUMBER}
   * @return its value
   * @throws IllegalArgumentException when the annotator has no such option
   */
  public double number(String name) {
    return Double.parseDouble(text(name));
  }

  /**
   * Returns a switch.
   *
   * @param name an option of type {@link AnnotatorOption.Type#BOOLEAN}
   * @return its value
   * @throws IllegalArgumentException when the annotator has no such option
   */
  public boolean flag(String name) {
    return Boolean.parseBoolean(text(name));
  }

  /**
   * Returns a value as text.
   *
   * @param name any option of the annotator
   * @return its value
   * @throws IllegalArgumentException when the annotator has no such option
   */
  public String text(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no option \"" + name + "\" was declared");
    }
    return value;
  }

  /** Tells whether another object is the same values under the same names. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AnnotatorOptions options && values.equals(options.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return new TreeMap<>(values).toString();
  }
}
