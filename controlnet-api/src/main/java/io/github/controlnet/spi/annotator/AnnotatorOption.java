package io.github.controlnet.spi.annotator;

/**
 * An option of an annotator.
 *
 * @param name what users type, such as {@code low}
 * @param type what kind of value it takes
 * @param defaultValue the default, as text
 * @param minimum the least legal number; ignored for text and boolean
 * @param maximum the greatest legal number; ignored for text and boolean
 * @param description one sentence
 */
public record AnnotatorOption(
    String name,
    Type type,
    String defaultValue,
    double minimum,
    double maximum,
    String description) {

  /** What kind of value an option takes. */
  public enum Type {
    /** A whole number. */
    INTEGER,
    /** Any finite number. */
    NUMBER,
    /** {@code true} or {@code false}. */
    BOOLEAN,
    /** Text, such as the path of a weights file. */
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
        name, Type.INTEGER, Integer.toString(defaultValue), minimum, maximum, description);
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
        name, Type.NUMBER, Double.toString(defaultValue), minimum, maximum, description);
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
        name, Type.BOOLEAN, Boolean.toString(defaultValue), 0, 1, description);
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
    return new AnnotatorOption(name, Type.TEXT, defaultValue, 0, 0, description);
  }
}
