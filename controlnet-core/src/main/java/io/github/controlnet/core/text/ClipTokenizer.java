package io.github.controlnet.core.text;

import io.github.controlnet.core.text.AddedTokens.Piece;
import io.github.controlnet.exception.WeightsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns a prompt into the tokens of CLIP's text encoder: byte-level byte-pair encoding of the
 * lower-case text (Radford et al. 2021, arXiv:2103.00020).
 *
 * <p>The ids equal those of transformers' {@code CLIPTokenizerFast} with {@code
 * padding="max_length", truncation=True}. Its slow {@code CLIPTokenizer} gives the same but for
 * Chinese and Japanese characters, which it splits one by one when {@code ftfy} is not installed,
 * and for special tokens written in other letter case. As in both, {@code <|endoftext|>} inside a
 * prompt is the end token itself.
 *
 * <p>Immutable: one tokenizer serves many threads. The time is n log n in the length of a text.
 */
public final class ClipTokenizer {
  private final TokenizerFiles files;
  private final AddedTokens raw;
  private final AddedTokens normalized;

  private ClipTokenizer(TokenizerFiles files) {
    this.files = files;
    this.raw = new AddedTokens(files.added(), false);
    this.normalized = new AddedTokens(files.added(), true);
  }

  /**
   * Opens the tokenizer in a folder.
   *
   * @param folder holds {@code tokenizer.json}, or {@code vocab.json} and {@code merges.txt};
   *     {@code tokenizer_config.json}, {@code special_tokens_map.json} and {@code
   *     added_tokens.json} beside them are read for the special and added tokens and the length
   * @return the tokenizer
   * @throws WeightsException when a file is missing, damaged, too large, does not fit the others or
   *     describes another tokenizer than CLIP's
   */
  public static ClipTokenizer open(Path folder) {
    return new ClipTokenizer(TokenizerFiles.read(folder));
  }

  /**
   * Tells whether a folder holds a tokenizer, without reading it.
   *
   * @param folder any path
   * @return whether {@link #open} finds {@code tokenizer.json}, or {@code vocab.json} and {@code
   *     merges.txt} there
   */
  public static boolean isIn(Path folder) {
    return TokenizerFiles.arePresent(folder);
  }

  /**
   * Encodes a prompt.
   *
   * @param text any text; what is longer than the encoder takes is cut off
   * @return {@link #length()} ids: start, the text's, end, padding
   * @throws NullPointerException when the text is null
   */
  public int[] encode(String text) {
    int[] tokens = ids(text);
    int[] ids = frame();
    int count = Math.min(tokens.length, ids.length - 2);
    System.arraycopy(tokens, 0, ids, 1, count);
    ids[count + 1] = files.end();
    return ids;
  }

  /**
   * Encodes a text alone.
   *
   * @param text any text; halves of surrogate pairs are read as U+FFFD
   * @return its ids without start, end and padding, however many there are
   * @throws NullPointerException when the text is null
   */
  public int[] ids(@Nullable String text) {
    if (text == null) {
      throw new NullPointerException("The text must not be null; use \"\" for an empty one.");
    }
    List<Integer> ids = new ArrayList<>();
    for (Piece piece : raw.split(wellFormed(text))) {
      if (piece.isToken()) {
        ids.add(piece.id());
        continue;
      }
      for (Piece part : normalized.split(ClipWords.normalized(piece.text()))) {
        if (part.isToken()) {
          ids.add(part.id());
        } else {
          ClipWords.split(part.text(), word -> files.encoding().encode(word, ids));
        }
      }
    }
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The start and padding up to the length, for tokens and the end to be put in. */
  int[] frame() {
    int[] ids = new int[files.length()];
    Arrays.fill(ids, files.padding());
    ids[0] = files.start();
    return ids;
  }

  /** The id that ends a text. */
  int end() {
    return files.end();
  }

  /**
   * Counts the tokens of a text.
   *
   * @param text any text
   * @return how many there are without start, end and padding; more than {@link #length()} - 2 do
   *     not fit
   * @throws NullPointerException when the text is null
   */
  public int count(String text) {
    return ids(text).length;
  }

  /** Halves of a surrogate pair have no UTF-8. */
  private static String wellFormed(String text) {
    boolean good = text.codePoints().noneMatch(ClipTokenizer::isSurrogate);
    if (good) {
      return text;
    }
    StringBuilder mended = new StringBuilder(text.length());
    text.codePoints().forEach(point -> mended.appendCodePoint(isSurrogate(point) ? 0xfffd : point));
    return mended.toString();
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  /**
   * Returns how many ids {@link #encode} gives.
   *
   * @return the {@code model_max_length} of {@code tokenizer_config.json}, else 77
   */
  public int length() {
    return files.length();
  }
}
