package io.github.controlnet.engine;

/**
 * The shape of a batch of latents, [images, channels, height, width], row-major.
 *
 * @param images the batch
 * @param channels 4 for Stable Diffusion
 * @param height latent rows
 * @param width latent columns
 */
public record LatentShape(int images, int channels, int height, int width) {

  /**
   * Returns the number of values.
   *
   * @return the product of all four
   */
  public int size() {
    return Math.multiplyExact(
        Math.multiplyExact(images, channels), Math.multiplyExact(height, width));
  }
}
