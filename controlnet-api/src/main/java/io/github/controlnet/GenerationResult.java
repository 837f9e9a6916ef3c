package io.github.controlnet;

import java.awt.image.BufferedImage;
import java.util.List;

/**
 * What a generation made.
 *
 * @param images the images, prompt by prompt: all images of the first prompt come first
 * @param seeds the seed of each image; images of one batch drawn from a single seed share it
 * @param controlMaps the map that each control saw, in the size of the generation
 * @param latents the final latents, before the autoencoder, as the networks scale them
 * @param provenance what made the images
 * @param timings how long it took
 */
public record GenerationResult(
    List<BufferedImage> images,
    List<Long> seeds,
    List<BufferedImage> controlMaps,
    Latents latents,
    Provenance provenance,
    Timings timings) {
  /** Copies the lists. */
  public GenerationResult {
    images = List.copyOf(images);
    seeds = List.copyOf(seeds);
    controlMaps = List.copyOf(controlMaps);
  }
}
