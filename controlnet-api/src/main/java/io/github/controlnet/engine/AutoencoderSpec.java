package io.github.controlnet.engine;

import java.util.List;

/**
 * The sizes of an autoencoder (Esser et al. 2021, arXiv:2012.09841; KL variant of Rombach et al.
 * 2022).
 *
 * @param imageChannels 3 for RGB
 * @param latents how its latents are written down; the engine needs no more of it than channels and
 *     factor, the pipeline scales and shifts
 * @param widths channels of each level, from the full resolution downwards; 128, 256, 512, 512
 * @param residualBlocks residual blocks a level in the encoder, 2; the decoder has one more
 * @param groups groups of the group norms, 32
 * @param hasEncoder whether the weights hold the encoder half
 */
public record AutoencoderSpec(
    int imageChannels,
    LatentFormat latents,
    List<Integer> widths,
    int residualBlocks,
    int groups,
    boolean hasEncoder) {
  /** Copies the list and checks that it fits the latents. */
  public AutoencoderSpec {
    widths = List.copyOf(widths);
    if (latents.factor() != factor(widths)) {
      throw new IllegalArgumentException(
          "An autoencoder of %d levels has the factor %d; its latents were said to have %d."
              .formatted(widths.size(), factor(widths), latents.factor()));
    }
  }

  /**
   * Returns what the number of levels makes of a picture's sides.
   *
   * @param widths channels of each level
   * @return how many pixels a latent stands for along each side
   */
  public static int factor(List<Integer> widths) {
    return 1 << (widths.size() - 1);
  }

  /**
   * Returns how many pixels a latent stands for along each side.
   *
   * @return 8 for Stable Diffusion
   */
  public int factor() {
    return latents.factor();
  }

  /**
   * Returns the channels of the latents.
   *
   * @return 4 for Stable Diffusion
   */
  public int latentChannels() {
    return latents.channels();
  }
}
