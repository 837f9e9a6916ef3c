package io.github.controlnet.core.text;

import java.text.Normalizer;
import java.util.function.Consumer;

/**
 * How CLIP prepares text (openai/CLIP simple_tokenizer.py; transformers' CLIPConverter): composed
 * characters, single spaces, lower case; then words: English contractions, runs of letters, single
 * digits, runs of anything else but space.
 *
 * <p>Scanned by hand: one pass, whatever the text is.
 */
final class ClipWords {
  /** What {@code \s} means there: the White_Space property of Unicode. */
  private static final String SPACES =
      "\t\n\u000b\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

  private ClipWords() {}

  static String normalized(String text) {
    String composed = Normalizer.normalize(text, Normalizer.Form.NFC);
    StringBuilder result = new StringBuilder(composed.length());
    boolean space = false;
    for (int i = 0; i < composed.length(); ) {
      int point = composed.codePointAt(i);
      i += Character.charCount(point);
      boolean before = space;
      space = isSpace(point);
      if (!space) {
        Unicode16.appendLowerCase(point, result);
      } else if (!before) {
        result.append(' ');
      }
    }
    return result.toString();
  }

  /** Hands on each word of a normalized text. */
  static void split(String text, Consumer<String> words) {
    int i = 0;
    while (i < text.length()) {
      int point = text.codePointAt(i);
      int end = i + Character.charCount(point);
      if (isSpace(point)) {
        i = end;
        continue;
      }
      int contraction = contraction(text, i);
      if (contraction > 0) {
        end = i + contraction;
      } else if (Unicode16.isLetter(point)) {
        while (end < text.length() && Unicode16.isLetter(text.codePointAt(end))) {
          end += Character.charCount(text.codePointAt(end));
        }
      } else if (!Unicode16.isNumber(point)) {
        while (end < text.length() && isOther(text.codePointAt(end))) {
          end += Character.charCount(text.codePointAt(end));
        }
      }
      words.accept(text.substring(i, end));
      i = end;
    }
  }

  /** The length of one of 's 't 'm 'd 're 've 'll, or 0. */
  private static int contraction(String text, int at) {
    if (text.charAt(at) != '\'' || at + 1 == text.length()) {
      return 0;
    }
    if ("stmd".indexOf(text.charAt(at + 1)) >= 0) {
      return 2;
    }
    return text.startsWith("re", at + 1)
            || text.startsWith("ve", at + 1)
            || text.startsWith("ll", at + 1)
        ? 3
        : 0;
  }

  static boolean isSpace(int point) {
    return point <= Character.MAX_VALUE && SPACES.indexOf(point) >= 0;
  }

  private static boolean isOther(int point) {
    return !isSpace(point) && !Unicode16.isLetter(point) && !Unicode16.isNumber(point);
  }
}
