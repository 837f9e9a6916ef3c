package io.github.controlnet.annotators.depth;

import io.github.controlnet.core.torch.FloatTensor;

/**
 * Bilinear resizing where the centres of the corner pixels keep their places, PyTorch's {@code
 * align_corners}, which OpenCV does not have.
 */
final class CornerAligned {
  private CornerAligned() {}

  /**
   * Resizes planes.
   *
   * @param planes [1, channels, rows, columns]
   */
  static FloatTensor resize(FloatTensor planes, int rows, int columns) {
    int channels = planes.side(1);
    int oldRows = planes.side(2);
    int oldColumns = planes.side(3);
    float[] from = planes.values();
    float[] to = new float[channels * rows * columns];
    float down = step(oldRows, rows);
    float along = step(oldColumns, columns);
    int at = 0;
    for (int channel = 0; channel < channels; channel++) {
      for (int row = 0; row < rows; row++) {
        float y = row * down;
        int upper = (channel * oldRows + (int) y) * oldColumns;
        int lower = (int) y < oldRows - 1 ? upper + oldColumns : upper;
        float lowerShare = y - (int) y;
        for (int column = 0; column < columns; column++) {
          float x = column * along;
          int left = (int) x;
          int right = Math.min(left + 1, oldColumns - 1);
          float rightShare = x - left;
          float above = from[upper + left] * (1 - rightShare) + from[upper + right] * rightShare;
          float below = from[lower + left] * (1 - rightShare) + from[lower + right] * rightShare;
          to[at++] = above * (1 - lowerShare) + below * lowerShare;
        }
      }
    }
    return new FloatTensor(to, 1, channels, rows, columns);
  }

  private static float step(int from, int to) {
    return to > 1 ? (from - 1) / (float) (to - 1) : 0;
  }
}
