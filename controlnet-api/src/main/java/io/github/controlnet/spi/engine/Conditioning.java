package io.github.controlnet.spi.engine;

import java.util.List;

/**
 * Which text each image of each guidance branch is conditioned on. With classifier-free guidance
 * there are two branches, by convention the unconditional one first; without it there is one.
 *
 * @param states the encoded texts
 * @param branches for each branch, for each image of the batch, the row of {@code states}
 * @param perturbed the branches, as ascending indices, whose self-attention in the middle block of
 *     the denoiser looks at nothing but the place itself, so that its result is the value there:
 *     for perturbed-attention guidance (Ahn et al. 2024, arXiv:2403.17377, equation 12). It is a
 *     matter of the denoiser alone; control networks take no notice
 */
public record Conditioning(
    TextStates states, List<List<Integer>> branches, List<Integer> perturbed) {
  /** Copies the rows. */
  public Conditioning {
    branches = branches.stream().map(List::copyOf).toList();
    perturbed = List.copyOf(perturbed);
  }

  /**
   * Creates a conditioning without perturbed branches.
   *
   * @param states the encoded texts
   * @param branches for each branch, for each image of the batch, the row of {@code states}
   */
  public Conditioning(TextStates states, List<List<Integer>> branches) {
    this(states, branches, List.of());
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
