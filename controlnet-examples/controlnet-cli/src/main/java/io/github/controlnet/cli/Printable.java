package io.github.controlnet.cli;

import java.util.Locale;

/** Texts of other people's files, such as names of tensors, as a terminal may show them. */
final class Printable {
  private Printable() {}

  /**
   * Writes out what a terminal would obey instead of show: control characters, changes of the
   * direction of text, separators of lines, halves of pairs. A tab stays.
   */
  static String of(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            letter -> {
              if (letter == '\t' || !obeyed(letter)) {
                shown.appendCodePoint(letter);
              } else {
                for (char half : Character.toChars(letter)) {
                  shown.append(String.format(Locale.ROOT, "\\u%04x", (int) half));
                }
              }
            });
    return shown.toString();
  }

  private static boolean obeyed(int letter) {
    return switch (Character.getType(letter)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          letter != 0x200d && letter != 0x200c; // joiners belong to words and emoji
      default -> false;
    };
  }
}
