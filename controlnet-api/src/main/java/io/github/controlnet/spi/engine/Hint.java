package io.github.controlnet.spi.engine;

import io.github.controlnet.InvalidRequestException;

/**
 * A control map as numbers, one for the whole batch.
 *
 * @param channels 3 for RGB
 * @param height rows, in pixels of the generation
 * @param width columns, in pixels of the generation
 * @param values [channels, height, width], row-major, RGB / 255; not to be changed
 */
public record Hint(int channels, int height, int width, float[] values) {
  /** Checks that the values fit the shape. */
  public Hint {
    if ((long) channels * height * width != values.length) {
      throw new InvalidRequestException(
          "%d values do not fill a hint of shape [%d, %d, %d]."
              .formatted(values.length, channels, height, width));
    }
  }
}
