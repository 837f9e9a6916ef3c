package io.github.controlnet.engine;

import java.util.List;

/**
 * Texts to encode, and how. More ways may be added; each begins as what an encoder does anyway.
 *
 * <p>Immutable as long as nobody changes the arrays, which are not copied.
 */
public final class TextBatch {
  private final int[][] tokens;
  private final int skippedLayers;
  private final List<Replacement> replacements;

  private TextBatch(int[][] tokens, int skippedLayers, List<Replacement> replacements) {
    this.tokens = tokens;
    this.skippedLayers = skippedLayers;
    this.replacements = replacements;
  }

  /**
   * Creates texts to be encoded in the plain way.
   *
   * @param tokens token ids, [texts][positions]; all rows of one length, at most {@link
   *     TextEncoderSpec#positions()}; not to be changed
   * @return the texts
   */
  public static TextBatch of(int[][] tokens) {
    return new TextBatch(tokens, 0, List.of());
  }

  /**
   * Leaves out layers ("clip skip").
   *
   * @param layers how many transformer layers before the final layer norm are left out, 0 to one
   *     less than {@link TextEncoderSpec#layers()}
   * @return these texts, encoded so
   */
  public TextBatch withSkippedLayers(int layers) {
    return new TextBatch(tokens, layers, replacements);
  }

  /**
   * Replaces token embeddings: textual inversion (Gal et al. 2022, arXiv:2208.01618).
   *
   * @param vectors vectors that stand in place of token embeddings
   * @return these texts, encoded so
   */
  public TextBatch withReplacements(List<Replacement> vectors) {
    return new TextBatch(tokens, skippedLayers, List.copyOf(vectors));
  }

  /**
   * Returns the token ids.
   *
   * @return [texts][positions], not to be changed
   */
  public int[][] tokens() {
    return tokens;
  }

  /**
   * Returns how many layers are left out.
   *
   * @return 0 for none
   */
  public int skippedLayers() {
    return skippedLayers;
  }

  /**
   * Returns what stands in place of token embeddings.
   *
   * @return the vectors; empty for none
   */
  public List<Replacement> replacements() {
    return replacements;
  }

  /**
   * A vector in place of a token embedding.
   *
   * @param text the row of the token ids, from 0
   * @param position the place in the row, from 0
   * @param vector {@link TextEncoderSpec#width()} values, not changed
   */
  public record Replacement(int text, int position, float[] vector) {}
}
