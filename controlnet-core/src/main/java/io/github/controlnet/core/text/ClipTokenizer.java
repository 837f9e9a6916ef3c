package io.github.controlnet.core.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.github.controlnet.EngineException;
import io.github.controlnet.InvalidRequestException;
import io.github.controlnet.WeightsException;
import io.github.controlnet.core.internal.DjlSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Turns a prompt into the tokens of CLIP's text encoder: byte-level byte-pair encoding of the
 * lower-case text (Radford et al. 2021, arXiv:2103.00020), run by the Hugging Face tokenizers
 * library.
 *
 * <p>The ids equal those of transformers' {@code CLIPTokenizerFast} with {@code
 * padding="max_length", truncation=True}. Its slow {@code CLIPTokenizer} gives the same but for
 * Chinese and Japanese characters, which it splits one by one when {@code ftfy} is not installed,
 * and for special tokens written in other letter case. As in both, {@code <|endoftext|>} inside a
 * prompt is the end token itself.
 *
 * <p>One tokenizer serves many threads.
 */
public final class ClipTokenizer implements AutoCloseable {
  private static final Map<String, String> PLAIN =
      Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

  private final TokenizerFiles files;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  /** Null once closed; freed under the write lock, so never beneath a call that runs. */
  private @Nullable HuggingFaceTokenizer tokenizer;

  private ClipTokenizer(TokenizerFiles files, HuggingFaceTokenizer tokenizer) {
    this.files = files;
    this.tokenizer = tokenizer;
  }

  /**
   * Opens the tokenizer in a folder.
   *
   * @param folder holds {@code tokenizer.json}, or {@code vocab.json} and {@code merges.txt};
   *     {@code tokenizer_config.json} and {@code special_tokens_map.json} beside them are read for
   *     the special tokens and the length
   * @return the tokenizer; the caller closes it
   * @throws WeightsException when a file is missing, damaged or does not fit the others
   * @throws EngineException when the native library of the tokenizers cannot be loaded
   */
  public static ClipTokenizer open(Path folder) {
    TokenizerFiles files = TokenizerFiles.read(folder);
    DjlSettings.optOutOfTracking();
    byte[] json = files.json().getBytes(StandardCharsets.UTF_8);
    try {
      return new ClipTokenizer(
          files, HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), PLAIN));
    } catch (LinkageError e) {
      throw new EngineException(
          "The native library of ai.djl.huggingface:tokenizers could not be loaded on %s %s (%s). It comes in that artifact for Linux, macOS and Windows, and is unpacked into the folder that the system property DJL_CACHE_DIR names (by default .djl.ai in the home folder), which must be writable."
              .formatted(System.getProperty("os.name"), System.getProperty("os.arch"), e),
          e);
    } catch (IOException | RuntimeException e) {
      throw new WeightsException(
          "The tokenizer in %s cannot be used: %s. Check that its files belong together."
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  /**
   * Encodes a prompt.
   *
   * @param text any text; what is longer than the encoder takes is cut off
   * @return {@link #length()} ids: start, the text's, end, padding
   * @throws InvalidRequestException when the text is null
   * @throws IllegalStateException when the tokenizer is closed
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
   * @param text any text
   * @return its ids without start, end and padding, however many there are
   * @throws InvalidRequestException when the text is null
   * @throws IllegalStateException when the tokenizer is closed
   */
  public int[] ids(String text) {
    return Arrays.stream(tokens(text)).mapToInt(Math::toIntExact).toArray();
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
   * @throws InvalidRequestException when the text is null
   * @throws IllegalStateException when the tokenizer is closed
   */
  public int count(String text) {
    return tokens(text).length;
  }

  private long[] tokens(@Nullable String text) {
    if (text == null) {
      throw new InvalidRequestException("The text must not be null; use \"\" for an empty one.");
    }
    lock.readLock().lock();
    try {
      HuggingFaceTokenizer open = tokenizer;
      if (open == null) {
        throw new IllegalStateException("The tokenizer is closed.");
      }
      return open.encode(wellFormed(text), false, false).getIds();
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Halves of a surrogate pair have no UTF-8 and must not reach native code. */
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

  /** Frees the native tokenizer, waiting for calls that run. Closing twice does nothing. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      HuggingFaceTokenizer open = tokenizer;
      tokenizer = null;
      if (open != null) {
        open.close();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
