package io.github.controlnet.engine;

import java.util.Optional;

/**
 * Texts as a text encoder gives them and as denoisers read them: the hidden states of each token,
 * and where the encoder has such, one pooled vector for each text. Plain numbers (77 tokens of 2048
 * values are 0.6 MB), so that they can be weighted, joined and kept without an engine.
 *
 * <p>Immutable as long as nobody changes the arrays, which are not copied. More may be added to
 * what a text is made of; what an object of this class does not have, it says is absent.
 */
public final class EncodedText {
  private final int texts;
  private final int tokens;
  private final int width;
  private final float[] hiddenStates;
  private final Optional<float[]> pooled;

  private EncodedText(
      int texts, int tokens, int width, float[] hiddenStates, Optional<float[]> pooled) {
    this.texts = texts;
    this.tokens = tokens;
    this.width = width;
    this.hiddenStates = hiddenStates;
    this.pooled = pooled;
  }

  /**
   * Creates encoded texts without pooled vectors.
   *
   * @param texts how many texts, at least 1
   * @param tokens tokens of each, at least 1; more than a text encoder takes at once for long
   *     prompts
   * @param width values of each token, at least 1
   * @param hiddenStates [texts, tokens, width], row-major; not copied, not to be changed
   * @return the encoded texts
   * @throws IllegalArgumentException when the values do not fill the shape
   */
  public static EncodedText of(int texts, int tokens, int width, float[] hiddenStates) {
    if (texts < 1
        || tokens < 1
        || width < 1
        || (double) texts * tokens * width != hiddenStates.length) {
      throw new IllegalArgumentException(
          "%d values do not fill hidden states of shape [%d, %d, %d]."
              .formatted(hiddenStates.length, texts, tokens, width));
    }
    return new EncodedText(texts, tokens, width, hiddenStates, Optional.empty());
  }

  /**
   * Adds a pooled vector for each text.
   *
   * @param vectors [texts, pooled width], row-major; not copied, not to be changed
   * @return these texts with them
   * @throws IllegalArgumentException when the vectors are not as many as the texts
   */
  public EncodedText withPooled(float[] vectors) {
    if (vectors.length == 0 || vectors.length % texts != 0) {
      throw new IllegalArgumentException(
          "%d values are no pooled vectors of %d texts; expected a multiple of that."
              .formatted(vectors.length, texts));
    }
    return new EncodedText(texts, tokens, width, hiddenStates, Optional.of(vectors));
  }

  /**
   * Returns the number of texts.
   *
   * @return at least 1
   */
  public int texts() {
    return texts;
  }

  /**
   * Returns how many tokens each text has.
   *
   * @return at least 1
   */
  public int tokens() {
    return tokens;
  }

  /**
   * Returns how many values each token has.
   *
   * @return at least 1
   */
  public int width() {
    return width;
  }

  /**
   * Returns the hidden states.
   *
   * @return [texts, tokens, width], row-major; not a copy, not to be changed
   */
  public float[] hiddenStates() {
    return hiddenStates;
  }

  /**
   * Returns the pooled vectors.
   *
   * @return [texts, {@link #pooledWidth()}], row-major; not a copy, not to be changed; empty for
   *     texts of an encoder that has none
   */
  public Optional<float[]> pooled() {
    return pooled;
  }

  /**
   * Returns how many values each pooled vector has.
   *
   * @return 0 when there are none
   */
  public int pooledWidth() {
    return pooled.map(vectors -> vectors.length / texts).orElse(0);
  }
}
