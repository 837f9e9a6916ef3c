package io.github.controlnet.annotators.pose;

/**
 * The Gaussian filter of scipy.ndimage in float64, cut off at four deviations, mirrored borders.
 */
final class GaussianFilter {
  private static final double CUT = 4;

  private final double[] weights;
  private final int radius;

  GaussianFilter(double sigma) {
    radius = (int) (CUT * sigma + 0.5);
    weights = new double[radius + 1];
    double sum = 0;
    for (int i = 0; i <= radius; i++) {
      weights[i] = Math.exp(-0.5 / (sigma * sigma) * i * i);
      sum += i == 0 ? weights[i] : 2 * weights[i];
    }
    for (int i = 0; i <= radius; i++) {
      weights[i] /= sum;
    }
  }

  /** Blurs along the columns, then along the rows. */
  double[] of(double[] values, int rows, int columns) {
    double[] down = new double[values.length];
    for (int y = 0; y < rows; y++) {
      int at = y * columns;
      for (int x = 0; x < columns; x++) {
        down[at + x] = values[at + x] * weights[0];
      }
      for (int i = radius; i > 0; i--) {
        int above = mirrored(y - i, rows) * columns;
        int below = mirrored(y + i, rows) * columns;
        double weight = weights[i];
        for (int x = 0; x < columns; x++) {
          down[at + x] += (values[above + x] + values[below + x]) * weight;
        }
      }
    }
    double[] both = new double[values.length];
    double[] line = new double[columns + 2 * radius];
    for (int y = 0; y < rows; y++) {
      for (int x = -radius; x < columns + radius; x++) {
        line[x + radius] = down[y * columns + mirrored(x, columns)];
      }
      for (int x = 0; x < columns; x++) {
        double sum = line[x + radius] * weights[0];
        for (int i = radius; i > 0; i--) {
          sum += (line[x + radius - i] + line[x + radius + i]) * weights[i];
        }
        both[y * columns + x] = sum;
      }
    }
    return both;
  }

  /** The border pixel is its own neighbour. */
  private static int mirrored(int at, int length) {
    int place = Math.floorMod(at, 2 * length);
    return place < length ? place : 2 * length - 1 - place;
  }
}
