package io.github.controlnet.engine;

import java.util.List;

/**
 * The sizes of an autoencoder (Esser et al. 2021, arXiv:2012.09841; KL variant of Rombach et al.
 * 2022): {@code AutoencoderKL} of diffusers.
 *
 * @param imageChannels 3 for RGB
 * @param latents how its latents are written down
 * @param widths channels of each level, from the full resolution downwards; 128, 256, 512, 512
 * @param residualBlocks residual blocks a level in the encoder, 2; the decoder has one more
 * @param groups groups of the group norms, 32
 * @param hasEncoder whether the weights hold the encoder half
 */
public record KlAutoencoderSpec(
    int imageChannels,
    LatentFormat latents,
    List<Integer> widths,
    int residualBlocks,
    int groups,
    boolean hasEncoder)
    implements AutoencoderSpec {
  /**
   * Copies the list and checks that it fits the latents.
   *
   * @throws IllegalArgumentException when it does not
   */
  public KlAutoencoderSpec {
    widths = List.copyOf(widths);
    AutoencoderSpec.requireFactor(widths.size(), latents);
  }
}
