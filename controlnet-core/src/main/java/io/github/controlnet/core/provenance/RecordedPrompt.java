package io.github.controlnet.core.provenance;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A prompt of the web UI, without what has no counterpart here.
 *
 * @param text what is left to paint
 * @param left what was taken out: networks such as {@code <lora:name:0.8>}, and the further prompts
 *     that {@code AND} joins
 */
record RecordedPrompt(String text, List<String> left) {
  private static final Pattern AND = Pattern.compile("\\bAND\\b");

  /** Copies the list. */
  RecordedPrompt {
    left = List.copyOf(left);
  }

  /** Reads a prompt, which the web UI also looks for {@code AND} in. */
  static RecordedPrompt positive(String text) {
    RecordedPrompt plain = negative(text);
    Matcher and = AND.matcher(plain.text());
    List<String> left = new ArrayList<>(plain.left());
    int start = 0;
    while (and.find()) {
      String part = plain.text().substring(start, and.start());
      if (!part.isBlank()) {
        String more = plain.text().substring(and.start()).strip();
        left.add("\"%s\" (prompts are not composed here)".formatted(more));
        return new RecordedPrompt(withoutWeight(part.strip(), left), left);
      }
      start = and.end();
    }
    return new RecordedPrompt(plain.text().substring(start).strip(), left);
  }

  /** Reads a negative prompt. */
  static RecordedPrompt negative(String text) {
    List<String> left = new ArrayList<>();
    StringBuilder rest = new StringBuilder();
    int at = 0;
    int last = text.lastIndexOf('>');
    int open = text.indexOf('<');
    while (open >= 0 && open < last) {
      int close = isNetwork(text, open) ? text.indexOf('>', open) : open;
      rest.append(text, at, open);
      if (close > open) {
        left.add(text.substring(open, close + 1) + " (networks are not added here)");
      } else {
        rest.append('<');
      }
      at = close + 1;
      open = text.indexOf('<', at);
    }
    return new RecordedPrompt(rest.append(text, at, text.length()).toString().strip(), left);
  }

  /** A name and a colon follow the bracket, and something after them. */
  private static boolean isNetwork(String text, int open) {
    int i = open + 1;
    while (i < text.length()
        && (Character.isLetterOrDigit(text.charAt(i)) || text.charAt(i) == '_')) {
      i++;
    }
    return i > open + 1
        && i + 1 < text.length()
        && text.charAt(i) == ':'
        && text.charAt(i + 1) != '>';
  }

  /** A prompt that AND joins may end with its weight. */
  private static String withoutWeight(String part, List<String> left) {
    int colon = part.lastIndexOf(':');
    if (colon < 0 || !Numbers.isDecimal(part.substring(colon + 1).strip())) {
      return part;
    }
    left.add("\"%s\" of the composed prompt".formatted(part.substring(colon)));
    return part.substring(0, colon).strip();
  }
}
