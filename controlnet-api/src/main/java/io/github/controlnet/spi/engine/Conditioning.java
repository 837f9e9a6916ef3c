package io.github.controlnet.spi.engine;

import java.util.List;

/**
 * Which text each image of each guidance branch is conditioned on. With classifier-free guidance
 * there are two branches, by convention the unconditional one first; without it there is one.
 *
 * @param states the encoded texts
 * @param branches for each branch, for each image of the batch, the row of {@code states}
 */
public record Conditioning(TextStates states, List<List<Integer>> branches) {
  /** Copies the rows. */
  public Conditioning {
    branches = branches.stream().map(List::copyOf).toList();
  }

  /**
   * Returns the number of images in the batch.
   *
   * @return at least 1
   */
  public int images() {
    return branches.get(0).size();
  }
}
