package io.github.controlnet.core.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds added tokens in a text, as the Hugging Face tokenizers library does (added_vocabulary.rs):
 * of those that begin at a place the longest, from left to right.
 */
final class AddedTokens {
  /** A part of a text: a token with its id, or text to be split further. */
  record Piece(String text, int id) {
    static final int TEXT = -1;

    boolean isToken() {
      return id != TEXT;
    }
  }

  /** A token and its id. */
  record Added(SpecialToken token, int id) {}

  private static final class Node {
    private final Map<Character, Node> next = new HashMap<>();
    private @Nullable Added ends;
  }

  private final Node root = new Node();

  /**
   * Prepares.
   *
   * @param normalized whether those tokens are looked for that are found in normalized text
   */
  AddedTokens(List<Added> tokens, boolean normalized) {
    for (Added added : tokens) {
      SpecialToken token = added.token();
      if (token.normalized() == normalized) {
        String content = normalized ? ClipWords.normalized(token.content()) : token.content();
        if (!content.isEmpty()) {
          put(content, added);
        }
      }
    }
  }

  private void put(String content, Added added) {
    Node node = root;
    for (int i = 0; i < content.length(); i++) {
      node = node.next.computeIfAbsent(content.charAt(i), letter -> new Node());
    }
    node.ends = added;
  }

  List<Piece> split(String text) {
    if (root.next.isEmpty()) {
      return List.of(new Piece(text, Piece.TEXT));
    }
    List<Piece> pieces = new ArrayList<>();
    int from = 0;
    int at = 0;
    while (at < text.length()) {
      int length = 0;
      Added longest = null;
      Node node = root.next.get(text.charAt(at));
      for (int i = at + 1; node != null; i++) {
        if (node.ends != null) {
          longest = node.ends;
          length = i - at;
        }
        node = i < text.length() ? node.next.get(text.charAt(i)) : null;
      }
      if (longest == null) {
        at++;
        continue;
      }
      int start = at;
      int end = at + length;
      at = end;
      SpecialToken token = longest.token();
      if (token.singleWord() && !standsAlone(text, start, end)) {
        continue;
      }
      while (token.stripLeft() && start > from && ClipWords.isSpace(text.charAt(start - 1))) {
        start--;
      }
      while (token.stripRight() && end < text.length() && ClipWords.isSpace(text.charAt(end))) {
        end++;
      }
      if (from < start) {
        pieces.add(new Piece(text.substring(from, start), Piece.TEXT));
      }
      pieces.add(new Piece(token.content(), longest.id()));
      from = end;
      at = Math.max(at, end);
    }
    if (from < text.length()) {
      pieces.add(new Piece(text.substring(from), Piece.TEXT));
    }
    return pieces;
  }

  private static boolean standsAlone(String text, int start, int end) {
    return (start == 0 || !isWord(text.codePointBefore(start)))
        && (end == text.length() || !isWord(text.codePointAt(end)));
  }

  /** What {@code \w} means in Unicode Technical Standard 18. */
  private static boolean isWord(int point) {
    boolean joins = point == 0x200c || point == 0x200d;
    return switch (Character.getType(point)) {
      case Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.COMBINING_SPACING_MARK,
          Character.DECIMAL_DIGIT_NUMBER,
          Character.CONNECTOR_PUNCTUATION ->
          true;
      default -> joins || Character.isAlphabetic(point);
    };
  }
}
