package io.github.controlnet.image;

import java.util.Arrays;

/**
 * Bilinear and Lanczos interpolation, first along rows and then along columns, in the fixed-point
 * arithmetic that OpenCV uses for 8-bit images: weights of 11 bits, sums in 32 bits.
 */
final class SeparableResize {
  private static final int WEIGHT_BITS = 11;
  private static final int WEIGHT_ONE = 1 << WEIGHT_BITS;
  private static final int HALF = 1 << (2 * WEIGHT_BITS - 1);
  private static final int CHANNELS = 3;

  private final Pixels source;
  private final Axis horizontal;
  private final Axis vertical;
  private final int taps;

  private SeparableResize(Pixels source, Axis horizontal, Axis vertical) {
    this.source = source;
    this.horizontal = horizontal;
    this.vertical = vertical;
    this.taps = horizontal.taps;
  }

  static Pixels linear(Pixels source, int width, int height) {
    return new SeparableResize(
            source,
            Axis.linear(source.width(), width, true),
            Axis.linear(source.height(), height, false))
        .run();
  }

  /** What OpenCV does for {@code INTER_AREA} where a side grows: linear, with other positions. */
  static Pixels areaEnlarging(Pixels source, int width, int height) {
    return new SeparableResize(
            source,
            Axis.areaEnlarging(source.width(), width, true),
            Axis.areaEnlarging(source.height(), height, false))
        .run();
  }

  static Pixels lanczos4(Pixels source, int width, int height) {
    return new SeparableResize(
            source, Axis.lanczos4(source.width(), width), Axis.lanczos4(source.height(), height))
        .run();
  }

  private Pixels run() {
    int width = horizontal.length;
    int height = vertical.length;
    int[] samples = new int[source.width() * CHANNELS];
    // The rows that a target row needs lie side by side, so a ring of as many as there are taps
    // holds all of them.
    int[][] ring = new int[taps][width * CHANNELS];
    int[] held = new int[taps];
    Arrays.fill(held, -1);
    int[][] rows = new int[taps][];
    int[] target = new int[width * height];
    for (int y = 0; y < height; y++) {
      for (int tap = 0; tap < taps; tap++) {
        int row = vertical.indices[y * taps + tap];
        int slot = row % taps;
        if (held[slot] != row) {
          source.unpackRow(row, samples);
          if (taps == 2) {
            acrossTwo(samples, ring[slot]);
          } else {
            across(samples, ring[slot]);
          }
          held[slot] = row;
        }
        rows[tap] = ring[slot];
      }
      if (taps == 2) {
        downTwo(rows, y, target);
      } else {
        down(rows, y, target);
      }
    }
    return new Pixels(width, height, target);
  }

  private void acrossTwo(int[] samples, int[] sums) {
    int at = 0;
    for (int x = 0; x < horizontal.length; x++) {
      int left = horizontal.indices[2 * x] * CHANNELS;
      int right = horizontal.indices[2 * x + 1] * CHANNELS;
      int leftWeight = horizontal.weights[2 * x];
      int rightWeight = horizontal.weights[2 * x + 1];
      sums[at++] = samples[left] * leftWeight + samples[right] * rightWeight;
      sums[at++] = samples[left + 1] * leftWeight + samples[right + 1] * rightWeight;
      sums[at++] = samples[left + 2] * leftWeight + samples[right + 2] * rightWeight;
    }
  }

  private void downTwo(int[][] rows, int y, int[] target) {
    int upperWeight = vertical.weights[2 * y];
    int lowerWeight = vertical.weights[2 * y + 1];
    int[] upper = rows[0];
    int[] lower = rows[1];
    int at = y * horizontal.length;
    for (int i = 0; i < upper.length; i += CHANNELS) {
      int red = blend(upper[i], upperWeight, lower[i], lowerWeight);
      int green = blend(upper[i + 1], upperWeight, lower[i + 1], lowerWeight);
      int blue = blend(upper[i + 2], upperWeight, lower[i + 2], lowerWeight);
      target[at++] = (red << 16) | (green << 8) | blue;
    }
  }

  /** Each product is cut to 16 fewer bits before the sum, so that it fits the reference's lanes. */
  private static int blend(int upper, int upperWeight, int lower, int lowerWeight) {
    return ((((upper >> 4) * upperWeight) >> 16) + (((lower >> 4) * lowerWeight) >> 16) + 2) >> 2;
  }

  private void across(int[] samples, int[] sums) {
    int at = 0;
    for (int x = 0; x < horizontal.length; x++) {
      int red = 0;
      int green = 0;
      int blue = 0;
      for (int tap = x * taps; tap < (x + 1) * taps; tap++) {
        int from = horizontal.indices[tap] * CHANNELS;
        int weight = horizontal.weights[tap];
        red += samples[from] * weight;
        green += samples[from + 1] * weight;
        blue += samples[from + 2] * weight;
      }
      sums[at++] = red;
      sums[at++] = green;
      sums[at++] = blue;
    }
  }

  private void down(int[][] rows, int y, int[] target) {
    int at = y * horizontal.length;
    for (int i = 0; i < horizontal.length * CHANNELS; i += CHANNELS) {
      int red = 0;
      int green = 0;
      int blue = 0;
      for (int tap = 0; tap < taps; tap++) {
        int weight = vertical.weights[y * taps + tap];
        int[] row = rows[tap];
        red += row[i] * weight;
        green += row[i + 1] * weight;
        blue += row[i + 2] * weight;
      }
      target[at++] = (toByte(red) << 16) | (toByte(green) << 8) | toByte(blue);
    }
  }

  private static int toByte(int sum) {
    int value = (sum + HALF) >> (2 * WEIGHT_BITS);
    return Math.max(0, Math.min(255, value));
  }

  /** Which source indices one side's new indices are made of, and their weights. */
  private static final class Axis {
    final int length;
    final int taps;
    final int[] indices;
    final int[] weights;

    private Axis(int length, int taps) {
      this.length = length;
      this.taps = taps;
      this.indices = new int[length * taps];
      this.weights = new int[length * taps];
    }

    /**
     * Linear interpolation. Along a row, positions outside take the border's pixel alone; along a
     * column, the border's pixel twice: the sums' rounding tells the difference.
     */
    static Axis linear(int sourceLength, int length, boolean alongRow) {
      double scale = 1 / ((double) length / sourceLength);
      Axis axis = new Axis(length, 2);
      for (int i = 0; i < length; i++) {
        float position = (float) ((i + 0.5) * scale - 0.5);
        int left = (int) Math.floor(position);
        axis.setLinear(i, left, position - left, sourceLength, alongRow);
      }
      return axis;
    }

    static Axis areaEnlarging(int sourceLength, int length, boolean alongRow) {
      double inverse = (double) length / sourceLength;
      double scale = 1 / inverse;
      Axis axis = new Axis(length, 2);
      for (int i = 0; i < length; i++) {
        int left = (int) Math.floor(i * scale);
        float fraction = (float) ((i + 1) - (left + 1) * inverse);
        fraction = fraction <= 0 ? 0 : fraction - (float) Math.floor(fraction);
        axis.setLinear(i, left, fraction, sourceLength, alongRow);
      }
      return axis;
    }

    private void setLinear(int i, int left, float fraction, int sourceLength, boolean alongRow) {
      boolean outside = left < 0 || left >= sourceLength - 1;
      float rest = alongRow && outside ? 0 : fraction;
      set(i, 0, left, 1 - rest, sourceLength);
      set(i, 1, left + 1, rest, sourceLength);
    }

    /** The Lanczos window of four lobes, sampled at eight pixels and scaled to the sum 1. */
    static Axis lanczos4(int sourceLength, int length) {
      double scale = 1 / ((double) length / sourceLength);
      Axis axis = new Axis(length, 8);
      float[] window = new float[8];
      for (int i = 0; i < length; i++) {
        float position = (float) ((i + 0.5) * scale - 0.5);
        int floor = (int) Math.floor(position);
        lanczosWindow(position - floor, window);
        for (int tap = 0; tap < 8; tap++) {
          axis.set(i, tap, floor - 3 + tap, window[tap], sourceLength);
        }
      }
      return axis;
    }

    private void set(int i, int tap, int index, float weight, int sourceLength) {
      indices[i * taps + tap] = Math.max(0, Math.min(sourceLength - 1, index));
      weights[i * taps + tap] = (int) Math.rint(weight * WEIGHT_ONE);
    }

    /**
     * sin(pi d) sin(pi d / 4) / d^2 at the distances d = fraction + 3 - tap, up to a factor. Since
     * the taps are a whole number apart, sin(pi d) only changes its sign and sin(pi d / 4) turns by
     * eighths of a circle, so that one sine and one cosine serve all eight.
     */
    private static void lanczosWindow(float fraction, float[] window) {
      double turn = -(fraction + 3) * Math.PI * 0.25;
      double sine = Math.sin(turn);
      double cosine = Math.cos(turn);
      float sum = 0;
      for (int tap = 0; tap < 8; tap++) {
        float distance = fraction + 3 - tap;
        if (Math.abs(distance) < 1e-6f) {
          // On the pixel itself: outweighs all others, and the scaling makes it 1.
          window[tap] = 1e30f;
        } else {
          double angle = -distance * Math.PI * 0.25;
          double value = EIGHTHS[tap] * sine + EIGHTHS[(tap + 6) % 8] * cosine;
          window[tap] = (float) (value / (angle * angle));
        }
        sum += window[tap];
      }
      float inverse = 1 / sum;
      for (int tap = 0; tap < 8; tap++) {
        window[tap] *= inverse;
      }
    }

    private static final double DIAGONAL = 0.7071067811865476;

    /** Cosines of tap * 5 / 8 of a circle; the sines are the same, six taps on. */
    private static final double[] EIGHTHS = {1, -DIAGONAL, 0, DIAGONAL, -1, DIAGONAL, 0, -DIAGONAL};
  }
}
