package io.github.controlnet.engine;

import java.util.List;

/**
 * What an autoencoder is made of; the counterpart of {@link DenoiserSpec}. Kinds are added here as
 * the library learns them.
 */
public sealed interface AutoencoderSpec permits KlAutoencoderSpec, TinyAutoencoderSpec {

  /**
   * Returns the channels of images.
   *
   * @return 3 for RGB
   */
  int imageChannels();

  /**
   * Returns how its latents are written down. The engine needs no more of it than channels and
   * factor; the pipeline scales and shifts.
   *
   * @return the format
   */
  LatentFormat latents();

  /**
   * Returns how wide its feature maps are.
   *
   * @return channels of each level, from the full resolution downwards; at least one
   */
  List<Integer> widths();

  /**
   * Tells whether the weights hold the encoder half.
   *
   * @return false for a decoder alone
   */
  boolean hasEncoder();

  /**
   * Returns how many pixels a latent stands for along each side.
   *
   * @return 8 for Stable Diffusion
   */
  default int factor() {
    return latents().factor();
  }

  /**
   * Returns the channels of the latents.
   *
   * @return 4 for Stable Diffusion
   */
  default int latentChannels() {
    return latents().channels();
  }

  /**
   * Returns what the number of levels makes of an image's sides.
   *
   * @param levels how many there are, at least 1
   * @return how many pixels a latent stands for along each side
   */
  static int factor(int levels) {
    return 1 << (levels - 1);
  }

  /**
   * Checks that levels fit latents.
   *
   * @param levels how many there are
   * @param latents how latents are written down
   * @throws IllegalArgumentException when their factors differ
   */
  static void requireFactor(int levels, LatentFormat latents) {
    if (latents.factor() != factor(levels)) {
      throw new IllegalArgumentException(
          "An autoencoder of %d levels has the factor %d; its latents were said to have %d."
              .formatted(levels, factor(levels), latents.factor()));
    }
  }
}
