package io.github.controlnet;

/**
 * Latents in row-major order [count, channels, height, width].
 *
 * @param count images in the batch
 * @param channels 4 for Stable Diffusion
 * @param height an eighth of the image's
 * @param width an eighth of the image's
 * @param values all values, copied neither in nor out: do not change them
 */
public record Latents(int count, int channels, int height, int width, float[] values) {
  /** Checks that the values fit the shape. */
  public Latents {
    if ((long) count * channels * height * width != values.length) {
      throw new IllegalArgumentException(
          "%d values do not fill latents of shape [%d, %d, %d, %d]."
              .formatted(values.length, count, channels, height, width));
    }
  }
}
