package io.github.controlnet.core.provenance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The line {@code Steps: 20, Sampler: Euler a, ...} of the web UI, cut into names and values. A
 * value goes to the next comma, unless it is a JSON string, list or object. Strangers write it, so
 * it is read by hand, in one pass: an expression would go back, or deep, over long values.
 */
final class SettingsLine {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String line;
  private final Map<String, String> pairs = new LinkedHashMap<>();
  private final List<String> rest = new ArrayList<>();
  private int at;
  private boolean bracketsStayOpen;

  private SettingsLine(String line) {
    this.line = line;
  }

  /** Reads a line. */
  static SettingsLine of(String line) {
    SettingsLine settings = new SettingsLine(line);
    settings.read();
    return settings;
  }

  /** Returns the values by name, in order; the caller may take them out. */
  Map<String, String> pairs() {
    return pairs;
  }

  /** Returns what of the line is no pair of name and value. */
  List<String> rest() {
    return rest;
  }

  private void read() {
    while (at < line.length()) {
      int colon = line.indexOf(':', at);
      if (colon < 0) {
        leaveOut(at, line.length());
        return;
      }
      int name = nameStart(colon);
      leaveOut(at, name);
      at = colon + 1;
      if (name < colon) {
        String before = pairs.put(line.substring(name, colon).strip(), value());
        if (before != null) {
          rest.add("%s: %s".formatted(line.substring(name, colon).strip(), before));
        }
      }
    }
  }

  /** A name is letters, digits and a few signs, and starts with a letter or digit. */
  private int nameStart(int colon) {
    int start = colon;
    while (start > at && isOfName(line.charAt(start - 1))) {
      start--;
    }
    while (start < colon && !isOfWord(line.charAt(start))) {
      start++;
    }
    return start;
  }

  private static boolean isOfWord(char letter) {
    return Character.isLetterOrDigit(letter) || letter == '_';
  }

  private static boolean isOfName(char letter) {
    return isOfWord(letter) || " -/+.".indexOf(letter) >= 0;
  }

  private String value() {
    while (at < line.length() && Character.isWhitespace(line.charAt(at))) {
      at++;
    }
    int start = at;
    int end = end(start);
    at = end + 1;
    String value = line.substring(start, Math.min(end, line.length())).strip();
    return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
        ? unquoted(value)
        : value;
  }

  /** Where the value ends: at a comma or the end of the line. */
  private int end(int start) {
    char first = start < line.length() ? line.charAt(start) : ',';
    int end = -1;
    if (first == '"') {
      end = afterString(start);
    } else if ((first == '[' || first == '{') && !bracketsStayOpen) {
      end = afterBrackets(start);
    }
    if (end >= 0) {
      int next = end;
      while (next < line.length() && Character.isWhitespace(line.charAt(next))) {
        next++;
      }
      if (next == line.length() || line.charAt(next) == ',') {
        return next;
      }
    }
    int comma = line.indexOf(',', start);
    return comma < 0 ? line.length() : comma;
  }

  /** The place behind a quoted string; -1 when its end is missing. */
  private int afterString(int start) {
    for (int i = start + 1; i < line.length(); i++) {
      if (line.charAt(i) == '\\') {
        i++;
      } else if (line.charAt(i) == '"') {
        return i + 1;
      }
    }
    return -1;
  }

  /** The place behind a list or object; -1 when its end is missing, which is looked for once. */
  private int afterBrackets(int start) {
    int open = 0;
    int i = start;
    while (i < line.length()) {
      char letter = line.charAt(i);
      if (letter == '"') {
        i = afterString(i);
        if (i < 0) {
          break;
        }
        continue;
      }
      if (letter == '[' || letter == '{') {
        open++;
      } else if (letter == ']' || letter == '}') {
        open--;
      }
      i++;
      if (open == 0) {
        return i;
      }
    }
    bracketsStayOpen = true;
    return -1;
  }

  private static String unquoted(String value) {
    try {
      return JSON.readValue(value, String.class);
    } catch (JsonProcessingException e) {
      return value; // as the web UI does
    }
  }

  private void leaveOut(int start, int end) {
    int from = start;
    while (from < end && (line.charAt(from) == ',' || Character.isWhitespace(line.charAt(from)))) {
      from++;
    }
    String text = line.substring(from, end).strip();
    if (!text.isEmpty()) {
      rest.add(text);
    }
  }
}
