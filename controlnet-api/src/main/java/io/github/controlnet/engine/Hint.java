package io.github.controlnet.engine;

import java.util.Optional;

/**
 * A control map as numbers, one for the whole batch, and where in the image it acts.
 *
 * @param channels 3 for RGB
 * @param height rows, in pixels of the generation
 * @param width columns, in pixels of the generation
 * @param values [channels, height, width], row-major, RGB / 255, or -1 where an inpaint control's
 *     image is masked; not to be changed
 * @param mask where the control acts; empty for everywhere
 */
public record Hint(
    int channels, int height, int width, float[] values, Optional<ControlMask> mask) {
  /** Checks that the values fit the shape. */
  public Hint {
    if ((long) channels * height * width != values.length) {
      throw new IllegalArgumentException(
          "%d values do not fill a hint of shape [%d, %d, %d]."
              .formatted(values.length, channels, height, width));
    }
  }

  /**
   * Creates a hint that acts everywhere.
   *
   * @param channels 3 for RGB
   * @param height rows
   * @param width columns
   * @param values [channels, height, width]
   */
  public Hint(int channels, int height, int width, float[] values) {
    this(channels, height, width, values, Optional.empty());
  }
}
