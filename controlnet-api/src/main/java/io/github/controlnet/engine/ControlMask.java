package io.github.controlnet.engine;

/**
 * Where in the image a control acts, as a grid that covers the whole image, whatever its size.
 *
 * @param height rows of the grid
 * @param width columns of the grid
 * @param values [height, width], row-major: what residuals are multiplied with at that place, 0 to
 *     1; not to be changed
 */
public record ControlMask(int height, int width, float[] values) {
  /** Checks that the values fit the shape. */
  public ControlMask {
    if (height < 1 || width < 1 || (long) height * width != values.length) {
      throw new IllegalArgumentException(
          "%d values do not fill a control mask of %d rows and %d columns."
              .formatted(values.length, height, width));
    }
  }

  /**
   * Brings the grid to another size, bilinearly between the centres of its cells, as {@code
   * torch.nn.functional.interpolate} does with {@code mode="bilinear", align_corners=False}.
   *
   * @param rows new rows, at least 1
   * @param columns new columns, at least 1
   * @return the values of the new grid, [rows, columns], row-major
   */
  public float[] resized(int rows, int columns) {
    float[] result = new float[Math.multiplyExact(rows, columns)];
    for (int y = 0; y < rows; y++) {
      Between row = Between.of(y, rows, height);
      for (int x = 0; x < columns; x++) {
        Between column = Between.of(x, columns, width);
        float above = column.mix(values, row.low * width);
        float below = column.mix(values, row.high * width);
        result[y * columns + x] = above + row.share * (below - above);
      }
    }
    return result;
  }

  /** Two neighbouring cells, and how far from the lower to the higher a place is. */
  private record Between(int low, int high, float share) {
    static Between of(int place, int places, int cells) {
      double at = Math.max(0, (place + 0.5) * cells / places - 0.5);
      int low = Math.min((int) at, cells - 1);
      return new Between(low, Math.min(low + 1, cells - 1), (float) (at - low));
    }

    float mix(float[] values, int offset) {
      float start = values[offset + low];
      return start + share * (values[offset + high] - start);
    }
  }
}
