package io.github.controlnet.annotators.segments;

import io.github.controlnet.annotators.raster.Pixels;

/**
 * Paints the pixels of a class as imshow of matplotlib 3.11 does on a {@link Frame} (up to 3.10 it
 * stretched them by a whole pixel, which blurred them). It resamples with Agg's Hann filter, in
 * which a pixel has a share of the one on its left and of the one below it, for distances of at the
 * most 3 256ths of a pixel. Of these shares only so much remains in 8 bits that a pixel at the
 * border of the class is not quite opaque.
 */
final class StretchedMask {
  private static final int SHIFT = 8;
  private static final int SUBPIXELS = 1 << SHIFT;
  private static final int WEIGHT_SHIFT = 14;
  private static final int WHOLE = 1 << WEIGHT_SHIFT;
  private static final float FULL = 255;

  private final int width;
  private final int height;

  /** The weight of the pixel on the left, by the column. */
  private final int[] left;

  /** The weight of the pixel below, by the row. */
  private final int[] below;

  StretchedMask(Frame frame) {
    width = frame.width();
    height = frame.height();
    left = new int[width];
    below = new int[height];
    double determinant = 1 / (frame.scaleX() * -frame.scaleY());
    double columns = -frame.scaleY() * determinant;
    double rows = frame.scaleX() * determinant;
    double firstColumn = -frame.shiftX() * columns;
    double firstRow = -frame.shiftY() * rows;
    int from = subpixels(0.5 * columns + firstColumn);
    int to = subpixels((width - 0.5) * columns + firstColumn);
    for (int column = 0; column < width; column++) {
      left[column] =
          weight(middle(column) - interpolated(from, to, column, Math.max(1, width - 1)));
    }
    for (int row = 0; row < height; row++) {
      int up = height - 1 - row;
      below[row] = weight(subpixels((up + 0.5) * rows + firstRow) - middle(row));
    }
  }

  private static int subpixels(double pixels) {
    return (int) (pixels * SUBPIXELS + 0.5);
  }

  private static int middle(int pixel) {
    return (pixel << SHIFT) + SUBPIXELS / 2;
  }

  /** A step of Agg's line of whole numbers. */
  private static int interpolated(int from, int to, int step, int steps) {
    long distance = from - (long) to;
    return from
        + (int) (Math.floorDiv(distance, steps) - Math.floorDiv(distance * (step + 1), steps));
  }

  /** The share of the next pixel at so many subpixels from the middle of one. */
  private static int weight(int distance) {
    return (int) Math.round((0.5 - 0.5 * Math.cos(Math.PI * distance / SUBPIXELS)) * WHOLE);
  }

  /** Paints the pixels of one class, all of which are between two rows. */
  void paint(int[] pixels, int[] labels, int label, int color, int top, int bottom) {
    Shares shares = new Shares(color);
    for (int row = top; row <= bottom; row++) {
      int start = row * width;
      int next = row + 1 < height ? start + width : start;
      for (int column = 0; column < width; column++) {
        if (labels[start + column] == label) {
          int before = Math.max(0, column - 1);
          shares.set(
              left[column],
              below[row],
              labels[start + before] == label,
              labels[next + before] == label,
              labels[next + column] == label);
          pixels[start + column] =
              Coverage.blend(pixels[start + column], shares.color, shares.alpha);
        }
      }
    }
  }

  /** The colour and the opacity of a pixel, computed again only where its surroundings change. */
  private static final class Shares {
    private final int whole;
    private final int[] weights = new int[4];
    private final boolean[] there = new boolean[4];
    private int left = -1;
    private int below;
    int color;
    int alpha;

    Shares(int color) {
      whole = color;
      there[1] = true;
    }

    void set(int left, int below, boolean atLeft, boolean leftBelow, boolean straightBelow) {
      if (left == this.left
          && below == this.below
          && atLeft == there[0]
          && leftBelow == there[2]
          && straightBelow == there[3]) {
        return;
      }
      this.left = left;
      this.below = below;
      there[0] = atLeft;
      there[2] = leftBelow;
      there[3] = straightBelow;
      weights[0] = product(left, WHOLE - below);
      weights[1] = product(WHOLE - left, WHOLE - below);
      weights[2] = product(left, below);
      weights[3] = product(WHOLE - left, below);
      double share = mean(1);
      float opacity = (float) share;
      color =
          (level(Pixels.red(whole), share, opacity) << 16)
              | (level(Pixels.green(whole), share, opacity) << 8)
              | level(Pixels.blue(whole), share, opacity);
      alpha = (int) (covered(opacity, opacity) * FULL);
    }

    private static int product(int a, int b) {
      return (a * b + WHOLE / 2) >> WEIGHT_SHIFT;
    }

    /** Of the pixel and its neighbours, those of other classes counting 0. */
    private double mean(float value) {
      double sum = 0;
      int total = 0;
      for (int i = 0; i < weights.length; i++) {
        if (there[i]) {
          sum += value * weights[i];
        }
        total += weights[i];
      }
      return Math.min(1, sum / total);
    }

    /** The mean of colours times opacities, divided by the opacity and cut off, all in float32. */
    private int level(int level, double share, float opacity) {
      float value = (float) Math.min(share, mean((float) (level / 255.0)));
      return (int) (covered(value, opacity) / covered(opacity, opacity) * FULL);
    }

    /** What Agg makes of a value that it covers completely. */
    private static float covered(float value, float opacity) {
      return opacity < 1 ? value * FULL / FULL : value;
    }
  }
}
