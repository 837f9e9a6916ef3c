package io.github.controlnet.core.text;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Weights in a prompt, by the rules of AUTOMATIC1111's web page: {@code (x)} is x times 1.1, {@code
 * [x]} x over 1.1, {@code (x:1.3)} x times 1.3, each within what is around it; a backslash takes
 * the meaning from a bracket or backslash, and is nothing before anything else; {@code BREAK} ends
 * a chunk. Brackets that close nothing are text, brackets that are never closed reach to the end.
 */
public final class PromptWeights {
  private static final double ROUND = 1.1;
  private static final double SQUARE = 1 / 1.1;
  private static final Pattern TOKEN =
      Pattern.compile(
          "\\\\[()\\[\\]\\\\]|\\\\|[(\\[]|:\\s*([+-]?[.\\d]+)\\s*\\)|[)\\]]|[^\\\\()\\[\\]:]+|:");
  private static final Pattern BREAK = Pattern.compile("\\bBREAK\\b");

  private PromptWeights() {}

  /**
   * A stretch of a prompt.
   *
   * @param text what to say; meaningless for a break
   * @param weight how much of it; 1 as it is
   * @param isBreak whether a chunk ends here
   */
  public record Part(String text, double weight, boolean isBreak) {
    private Part times(double factor) {
      return isBreak ? this : new Part(text, weight * factor, false);
    }
  }

  /**
   * Takes a prompt apart.
   *
   * @param prompt any text
   * @return its parts in order, at least one; neighbours differ in weight
   */
  public static List<Part> parse(String prompt) {
    List<Part> parts = new ArrayList<>();
    Deque<Integer> round = new ArrayDeque<>();
    Deque<Integer> square = new ArrayDeque<>();
    Matcher tokens = TOKEN.matcher(prompt);
    while (tokens.find()) {
      String token = tokens.group();
      double weight = tokens.group(1) == null ? Double.NaN : number(tokens.group(1));
      if (token.charAt(0) == '\\') {
        parts.add(new Part(token.substring(1), 1, false));
      } else if (token.equals("(")) {
        round.push(parts.size());
      } else if (token.equals("[")) {
        square.push(parts.size());
      } else if (!Double.isNaN(weight) && !round.isEmpty()) {
        multiply(parts, round.pop(), weight);
      } else if (token.equals(")") && !round.isEmpty()) {
        multiply(parts, round.pop(), ROUND);
      } else if (token.equals("]") && !square.isEmpty()) {
        multiply(parts, square.pop(), SQUARE);
      } else {
        addText(parts, token);
      }
    }
    round.forEach(from -> multiply(parts, from, ROUND));
    square.forEach(from -> multiply(parts, from, SQUARE));
    if (parts.isEmpty()) {
      parts.add(new Part("", 1, false));
    }
    return merged(parts);
  }

  /** A number that is none, such as 1.2.3, is text. */
  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private static void multiply(List<Part> parts, int from, double factor) {
    for (int i = from; i < parts.size(); i++) {
      parts.set(i, parts.get(i).times(factor));
    }
  }

  private static void addText(List<Part> parts, String text) {
    Matcher breaks = BREAK.matcher(text);
    int from = 0;
    while (breaks.find()) {
      parts.add(new Part(text.substring(from, before(text, breaks.start(), from)), 1, false));
      parts.add(new Part("", 1, true));
      from = after(text, breaks.end());
    }
    parts.add(new Part(text.substring(from), 1, false));
  }

  /** Where the space before a place begins. */
  private static int before(String text, int at, int least) {
    int start = at;
    while (start > least && isSpace(text.charAt(start - 1))) {
      start--;
    }
    return start;
  }

  /** Where the space after a place ends. */
  private static int after(String text, int at) {
    int end = at;
    while (end < text.length() && isSpace(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }

  private static List<Part> merged(List<Part> parts) {
    List<Part> merged = new ArrayList<>();
    for (Part part : parts) {
      Part last = merged.isEmpty() ? part : merged.get(merged.size() - 1);
      if (!merged.isEmpty()
          && !last.isBreak()
          && !part.isBreak()
          && last.weight() == part.weight()) {
        merged.set(merged.size() - 1, new Part(last.text() + part.text(), last.weight(), false));
      } else {
        merged.add(part);
      }
    }
    return merged;
  }
}
