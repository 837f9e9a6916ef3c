package io.github.controlnet.spi.engine;

import java.util.List;

/**
 * The sizes of an autoencoder (Esser et al. 2021, arXiv:2012.09841; KL variant of Rombach et al.
 * 2022).
 *
 * @param imageChannels 3 for RGB
 * @param latentChannels 4 for Stable Diffusion
 * @param widths channels of each level, from the full resolution downwards; 128, 256, 512, 512
 * @param residualBlocks residual blocks a level in the encoder, 2; the decoder has one more
 * @param groups groups of the group norms, 32
 * @param hasEncoder whether the weights hold the encoder half
 * @param scalingFactor what latents are multiplied with between autoencoder and denoiser, 0.18215
 */
public record AutoencoderSpec(
    int imageChannels,
    int latentChannels,
    List<Integer> widths,
    int residualBlocks,
    int groups,
    boolean hasEncoder,
    double scalingFactor) {
  /** Copies the list. */
  public AutoencoderSpec {
    widths = List.copyOf(widths);
  }

  /**
   * Returns how many pixels a latent stands for along each side.
   *
   * @return 8 for Stable Diffusion
   */
  public int factor() {
    return 1 << (widths.size() - 1);
  }
}
