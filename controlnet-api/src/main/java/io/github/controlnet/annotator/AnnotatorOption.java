package io.github.controlnet.annotator;

import java.util.List;

/**
 * An option of an annotator.
 *
 * @param name what users type, such as {@code low}
 * @param type what kind of value it takes
 * @param defaultValue the default, as text
 * @param minimum the least legal number; ignored for what is no number
 * @param maximum the greatest legal number; ignored for what is no number
 * @param choices the legal values of a choice; empty for other types
 * @param description one sentence
 */
public record AnnotatorOption(
    String name,
    Type type,
    String defaultValue,
    double minimum,
    double maximum,
    List<String> choices,
    String description) {

  /** Copies the choices. */
  public AnnotatorOption {
    choices = List.copyOf(choices);
  }

  /** What kind of value an option takes. */
  public enum Type {
    /** A whole number. */
    INTEGER,
    /** Any finite number. */
    NUMBER,
    /** {@code true} or {@code false}. */
    BOOLEAN,
    /** One of {@link AnnotatorOption#choices}. */
    CHOICE,
    /**
     * Any text, such as the path of a weights file. Servers take no text from those who ask them,
     * since it may name a file of theirs; offer a few values as a {@link #CHOICE}.
     */
    TEXT
  }

  /**
   * Describes a whole number.
   *
   * @param name what users type
   * @param defaultValue the default
   * @param minimum the least legal value
   * @param maximum the greatest legal value
   * @param description one sentence
   * @return the option
   */
  public static AnnotatorOption integer(
      String name, int defaultValue, int minimum, int maximum, String description) {
    return new AnnotatorOption(
        name,
        Type.INTEGER,
        Integer.toString(defaultValue),
        minimum,
        maximum,
        List.of(),
        description);
  }

  /**
   * Describes a number.
   *
   * @param name what users type
   * @param defaultValue the default
   * @param minimum the least legal value
   * @param maximum the greatest legal value
   * @param description one sentence
   * @return the option
   */
  public static AnnotatorOption number(
      String name, double defaultValue, double minimum, double maximum, String description) {
    return new AnnotatorOption(
        name, Type.NUMBER, Double.toString(defaultValue), minimum, maximum, List.of(), description);
  }

  /**
   * Describes a switch.
   *
   * @param name what users type
   * @param defaultValue the default
   * @param description one sentence
   * @return the option
   */
  public static AnnotatorOption flag(String name, boolean defaultValue, String description) {
    return new AnnotatorOption(
        name, Type.BOOLEAN, Boolean.toString(defaultValue), 0, 1, List.of(), description);
  }

  /**
   * Describes a choice.
   *
   * @param name what users type
   * @param choices the legal values, the default first
   * @param description one sentence
   * @return the option
   */
  public static AnnotatorOption choice(String name, List<String> choices, String description) {
    return new AnnotatorOption(name, Type.CHOICE, choices.get(0), 0, 0, choices, description);
  }

  /**
   * Describes a text.
   *
   * @param name what users type
   * @param defaultValue the default
   * @param description one sentence
   * @return the option
   */
  public static AnnotatorOption text(String name, String defaultValue, String description) {
    return new AnnotatorOption(name, Type.TEXT, defaultValue, 0, 0, List.of(), description);
  }
}
