package io.github.controlnet.spi.engine;

import java.util.List;

/**
 * Texts to encode in other than the plain way.
 *
 * @param tokens token ids, [texts][positions]; all rows of one length, at most {@link
 *     TextEncoderSpec#positions()}
 * @param skippedLayers how many transformer layers before the final layer norm are left out, 0 to
 *     one less than {@link TextEncoderSpec#layers()}
 * @param replacements vectors that stand in place of token embeddings: textual inversion (Gal et
 *     al. 2022, arXiv:2208.01618)
 */
public record TextBatch(int[][] tokens, int skippedLayers, List<Replacement> replacements) {
  /** Copies the list. */
  public TextBatch {
    replacements = List.copyOf(replacements);
  }

  /**
   * Tells whether {@link TextEncoder#encode(int[][])} does the same.
   *
   * @return true when nothing is skipped or replaced
   */
  public boolean isPlain() {
    return skippedLayers == 0 && replacements.isEmpty();
  }

  /**
   * A vector in place of a token embedding.
   *
   * @param text the row of {@code tokens}
   * @param position the place in the row, from 0
   * @param vector {@link TextEncoderSpec#width()} values, not changed
   */
  public record Replacement(int text, int position, float[] vector) {}
}
