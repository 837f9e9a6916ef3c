package io.github.controlnet.core.pipeline.canvas;

/**
 * A Gaussian blur out of three box blurs in each direction, whose width need not be whole: Gwosdek
 * et al. 2011, "Theoretical foundations of Gaussian convolution by extended box filtering",
 * equations 4 to 8. Equal to Pillow's {@code ImageFilter.GaussianBlur} in every pixel.
 */
final class BoxBlur {
  private static final int PASSES = 3;
  private static final int FRACTION_BITS = 24;

  /** Whole pixels on each side of the middle. */
  private final int radius;

  private final long weight;
  private final long edgeWeight;

  private BoxBlur(double deviation) {
    double variance = deviation * deviation / PASSES;
    double length = Math.sqrt(12 * variance + 1);
    double whole = Math.floor((length - 1) / 2);
    double share =
        (2 * whole + 1)
            * (whole * (whole + 1) - 3 * variance)
            / (6 * (variance - (whole + 1) * (whole + 1)));
    // single precision, as Pillow passes it on
    float width = (float) (whole + share);
    radius = (int) width;
    weight = (long) ((1 << FRACTION_BITS) / (width * 2 + 1));
    edgeWeight = ((1 << FRACTION_BITS) - (radius * 2L + 1) * weight) / 2;
  }

  static int[] gaussian(GreyMask mask, double deviation) {
    BoxBlur blur = new BoxBlur(deviation);
    int[] levels = mask.levels().clone();
    for (int i = 0; i < PASSES; i++) {
      for (int y = 0; y < mask.height(); y++) {
        blur.line(levels, y * mask.width(), 1, mask.width());
      }
    }
    for (int i = 0; i < PASSES; i++) {
      for (int x = 0; x < mask.width(); x++) {
        blur.line(levels, x, mask.width(), mask.height());
      }
    }
    return levels;
  }

  /** Blurs one line in place; the pixels at its ends go on beyond them. */
  private void line(int[] levels, int start, int stride, int length) {
    int[] line = new int[length];
    for (int i = 0; i < length; i++) {
      line[i] = levels[start + i * stride];
    }
    long sum = 0;
    for (int i = -radius; i <= radius; i++) {
      sum += at(line, i);
    }
    for (int i = 0; i < length; i++) {
      long edges = at(line, i - radius - 1) + at(line, i + radius + 1);
      long blurred = sum * weight + edges * edgeWeight;
      levels[start + i * stride] = (int) ((blurred + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS);
      sum += at(line, i + radius + 1) - at(line, i - radius);
    }
  }

  private static long at(int[] line, int index) {
    return line[Math.max(0, Math.min(line.length - 1, index))];
  }
}
