package io.github.controlnet.image;

import java.util.Arrays;

/**
 * The mean of the source pixels that a target pixel covers, as OpenCV's {@code INTER_AREA} when
 * reducing: exact sums where both factors are whole numbers, else weighted sums in float32.
 */
final class AreaResize {
  private static final int CHANNELS = 3;

  private AreaResize() {}

  /** Whether no side grows. */
  static boolean reduces(Pixels source, int width, int height) {
    return scale(source.width(), width) >= 1 && scale(source.height(), height) >= 1;
  }

  /** Whether both sides are halved exactly, where OpenCV takes the mean for bilinear, too. */
  static boolean halves(Pixels source, int width, int height) {
    return wholeFactors(source, width, height)
        && source.width() == 2 * width
        && source.height() == 2 * height;
  }

  static Pixels resize(Pixels source, int width, int height) {
    if (wholeFactors(source, width, height)) {
      return byWholeFactors(source, width, height);
    }
    return weighted(source, width, height);
  }

  private static double scale(int sourceLength, int length) {
    // Twice inverted, since that is how the reference rounds: 49 to 1 is no whole factor there.
    return 1 / ((double) length / sourceLength);
  }

  private static boolean wholeFactors(Pixels source, int width, int height) {
    return isWhole(scale(source.width(), width)) && isWhole(scale(source.height(), height));
  }

  private static boolean isWhole(double scale) {
    return Math.abs(scale - Math.rint(scale)) < 0x1p-52;
  }

  private static Pixels byWholeFactors(Pixels source, int width, int height) {
    int columns = source.width() / width;
    int rows = source.height() / height;
    boolean quad = columns == 2 && rows == 2;
    float share = 1f / (columns * rows);
    int[] sums = new int[width * CHANNELS];
    int[] target = new int[width * height];
    int at = 0;
    for (int y = 0; y < height; y++) {
      Arrays.fill(sums, 0);
      for (int row = y * rows; row < (y + 1) * rows; row++) {
        addRow(source.rgb(), row * source.width(), columns, sums);
      }
      for (int i = 0; i < sums.length; i += CHANNELS) {
        target[at++] =
            quad
                ? pack((sums[i] + 2) >> 2, (sums[i + 1] + 2) >> 2, (sums[i + 2] + 2) >> 2)
                : pack(
                    toByte(sums[i] * share),
                    toByte(sums[i + 1] * share),
                    toByte(sums[i + 2] * share));
      }
    }
    return new Pixels(width, height, target);
  }

  private static void addRow(int[] pixels, int start, int columns, int[] sums) {
    int from = start;
    for (int i = 0; i < sums.length; i += CHANNELS) {
      int red = 0;
      int green = 0;
      int blue = 0;
      for (int column = 0; column < columns; column++) {
        int pixel = pixels[from++];
        red += (pixel >> 16) & 0xff;
        green += (pixel >> 8) & 0xff;
        blue += pixel & 0xff;
      }
      sums[i] += red;
      sums[i + 1] += green;
      sums[i + 2] += blue;
    }
  }

  private static Pixels weighted(Pixels source, int width, int height) {
    Cover across = Cover.of(source.width(), width);
    Cover down = Cover.of(source.height(), height);
    float[] line = new float[width * CHANNELS];
    float[] sums = new float[width * CHANNELS];
    int heldRow = -1;
    int[] target = new int[width * height];
    int at = 0;
    for (int y = 0; y < height; y++) {
      Arrays.fill(sums, 0);
      for (int k = down.starts[y]; k < down.starts[y + 1]; k++) {
        if (down.indices[k] != heldRow) {
          heldRow = down.indices[k];
          weightedRow(source.rgb(), heldRow * source.width(), across, line);
        }
        float weight = down.weights[k];
        for (int i = 0; i < sums.length; i++) {
          sums[i] += weight * line[i];
        }
      }
      for (int i = 0; i < sums.length; i += CHANNELS) {
        target[at++] = pack(toByte(sums[i]), toByte(sums[i + 1]), toByte(sums[i + 2]));
      }
    }
    return new Pixels(width, height, target);
  }

  private static void weightedRow(int[] pixels, int start, Cover across, float[] line) {
    int at = 0;
    for (int x = 0; x + 1 < across.starts.length; x++) {
      float red = 0;
      float green = 0;
      float blue = 0;
      for (int k = across.starts[x]; k < across.starts[x + 1]; k++) {
        int pixel = pixels[start + across.indices[k]];
        float weight = across.weights[k];
        red += ((pixel >> 16) & 0xff) * weight;
        green += ((pixel >> 8) & 0xff) * weight;
        blue += (pixel & 0xff) * weight;
      }
      line[at++] = red;
      line[at++] = green;
      line[at++] = blue;
    }
  }

  private static int pack(int red, int green, int blue) {
    return (red << 16) | (green << 8) | blue;
  }

  private static int toByte(float value) {
    return Math.max(0, Math.min(255, (int) Math.rint(value)));
  }

  /** Which source indices each target index covers. */
  private static final class Cover {
    /** Where the cover of a target index begins in the other arrays; one more at the end. */
    final int[] starts;

    final int[] indices;

    /** Shares of the target index, adding up to 1 for each. */
    final float[] weights;

    private Cover(int[] starts, int[] indices, float[] weights) {
      this.starts = starts;
      this.indices = indices;
      this.weights = weights;
    }

    static Cover of(int sourceLength, int length) {
      double scale = scale(sourceLength, length);
      int[] starts = new int[length + 1];
      int[] indices = new int[2 * sourceLength + length];
      float[] weights = new float[indices.length];
      int count = 0;
      for (int i = 0; i < length; i++) {
        starts[i] = count;
        double begin = i * scale;
        double end = begin + scale;
        double width = Math.min(scale, sourceLength - begin);
        int last = Math.min((int) Math.floor(end), sourceLength - 1);
        int first = Math.min((int) Math.ceil(begin), last);
        // Slivers below a thousandth of a pixel are rounding, and left out as in the reference.
        if (first - begin > 1e-3) {
          indices[count] = first - 1;
          weights[count++] = (float) ((first - begin) / width);
        }
        for (int index = first; index < last; index++) {
          indices[count] = index;
          weights[count++] = (float) (1 / width);
        }
        if (end - last > 1e-3) {
          indices[count] = last;
          weights[count++] = (float) (Math.min(Math.min(end - last, 1), width) / width);
        }
      }
      starts[length] = count;
      return new Cover(starts, indices, weights);
    }
  }
}
