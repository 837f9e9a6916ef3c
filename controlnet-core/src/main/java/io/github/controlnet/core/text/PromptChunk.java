package io.github.controlnet.core.text;

import java.util.List;

/**
 * What goes through the text encoder at once.
 *
 * @param tokens start, the text's, end, padding
 * @param weights one for each token; 1 as it is
 * @param inserted vectors in place of token embeddings
 */
public record PromptChunk(int[] tokens, double[] weights, List<Inserted> inserted) {
  /** Copies the list. */
  public PromptChunk {
    inserted = List.copyOf(inserted);
  }

  /**
   * A vector of a textual inversion.
   *
   * @param position its place in {@code tokens}
   * @param vector the vector
   */
  public record Inserted(int position, float[] vector) {}

  /**
   * Tells whether any weight is not 1.
   *
   * @return false when the states stay as they are
   */
  public boolean isWeighted() {
    for (double weight : weights) {
      if (weight != 1) {
        return true;
      }
    }
    return false;
  }
}
