package io.github.controlnet.annotators.segments;

import io.github.controlnet.annotators.raster.Pixels;
import java.util.Arrays;

/**
 * How much of every pixel closed shapes cover, by the exact areas of their edges in 256ths of a
 * pixel, as Agg's scanline rasteriser counts them (rule of nonzero winding). What lies outside the
 * canvas is cut off.
 */
final class Coverage {
  private static final int SHIFT = 8;
  private static final int SUBPIXELS = 1 << SHIFT;

  /** Twice the area of a pixel in subpixels over the greatest coverage. */
  private static final int AREA_SHIFT = SHIFT + 1;

  private static final int FULL = 255;

  private final int width;
  private final int height;

  /** By how many subpixels the edges in a pixel go down. */
  private final int[] descents;

  /** Twice the area left of these edges. */
  private final int[] areas;

  /** The columns of each row that edges were in. */
  private final int[] first;

  private final int[] last;
  private int top;
  private int bottom = -1;

  Coverage(int width, int height) {
    this.width = width;
    this.height = height;
    descents = new int[width * height];
    areas = new int[width * height];
    first = new int[height];
    last = new int[height];
    top = height;
    Arrays.fill(first, width);
    Arrays.fill(last, -1);
  }

  /** Adds an edge of a closed shape; lengths are in pixels from the left upper corner. */
  void edge(double x1, double y1, double x2, double y2) {
    if (Math.min(x1, x2) >= 0 && Math.max(x1, x2) <= width) {
      between(x1, y1, x2, y2);
      return;
    }
    double x = x1;
    double y = y1;
    for (double border : new double[] {x1 < x2 ? 0 : width, x1 < x2 ? width : 0}) {
      if ((x1 < border && border < x2) || (x2 < border && border < x1)) {
        double crossing = y1 + (border - x1) * (y2 - y1) / (x2 - x1);
        between(inside(x), y, border, crossing);
        x = border;
        y = crossing;
      }
    }
    between(inside(x), y, inside(x2), y2);
  }

  /** What lies beside the canvas covers as much of it as if it were at the border. */
  private double inside(double x) {
    return Math.max(0, Math.min(width, x));
  }

  /** An edge between the left and the right border; its parts above and below cover nothing. */
  private void between(double x1, double y1, double x2, double y2) {
    if ((y1 < 0 && y2 < 0) || (y1 > height && y2 > height)) {
      return;
    }
    double startY = Math.max(0, Math.min(height, y1));
    double endY = Math.max(0, Math.min(height, y2));
    line(
        subpixels(startY == y1 ? x1 : x1 + (startY - y1) * (x2 - x1) / (y2 - y1)),
        subpixels(startY),
        subpixels(endY == y2 ? x2 : x1 + (endY - y1) * (x2 - x1) / (y2 - y1)),
        subpixels(endY));
  }

  private static int subpixels(double pixels) {
    return (int) (pixels * SUBPIXELS + 0.5);
  }

  /** Splits an edge into rows. */
  private void line(int x1, int y1, int x2, int y2) {
    int end = y2 >> SHIFT;
    int x = x1;
    int y = y1;
    int row = y1 >> SHIFT;
    while (row != end) {
      int border = (y2 > y1 ? row + 1 : row) << SHIFT;
      int crossing =
          x1 + (int) Math.floorDiv((long) Math.abs(border - y1) * (x2 - x1), Math.abs(y2 - y1));
      strip(row, x, y, crossing, border);
      x = crossing;
      y = border;
      row += y2 > y1 ? 1 : -1;
    }
    strip(row, x, y, x2, y2);
  }

  /** Splits a part of an edge in one row into pixels. */
  private void strip(int row, int x1, int y1, int x2, int y2) {
    if (y1 == y2) {
      return;
    }
    int end = x2 >> SHIFT;
    int x = x1;
    int y = y1;
    int column = x1 >> SHIFT;
    while (column != end) {
      int border = (x2 > x1 ? column + 1 : column) << SHIFT;
      int crossing =
          y1 + (int) Math.floorDiv((long) Math.abs(border - x1) * (y2 - y1), Math.abs(x2 - x1));
      add(row, column, x + border, crossing - y);
      x = border;
      y = crossing;
      column += x2 > x1 ? 1 : -1;
    }
    add(row, column, x + x2, y2 - y);
  }

  private void add(int row, int column, int sumOfColumns, int descent) {
    if (column == width || descent == 0) {
      return;
    }
    int at = row * width + column;
    descents[at] += descent;
    areas[at] += (sumOfColumns - 2 * (column << SHIFT)) * descent;
    first[row] = Math.min(first[row], column);
    last[row] = Math.max(last[row], column);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row);
  }

  /** Paints the shapes that were added, over what is there, and forgets them. */
  void paint(int[] pixels, int color) {
    for (int row = top; row <= bottom; row++) {
      int start = row * width;
      int covered = 0;
      for (int column = first[row]; column < width; column++) {
        if (column > last[row] && covered == 0) {
          break;
        }
        int at = start + column;
        covered += descents[at];
        // Rounded down before the sign goes, thus up in shapes that run the other way round.
        int cover = Math.min(FULL, Math.abs(((covered << AREA_SHIFT) - areas[at]) >> AREA_SHIFT));
        if (cover > 0) {
          pixels[at] = blend(pixels[at], color, cover);
        }
        descents[at] = 0;
        areas[at] = 0;
      }
      first[row] = width;
      last[row] = -1;
    }
    top = height;
    bottom = -1;
  }

  /**
   * Lays a colour over another, with the rounding of matplotlib's Agg.
   *
   * @param alpha 1 to 255
   */
  static int blend(int under, int over, int alpha) {
    if (alpha == FULL) {
      return over;
    }
    return (blendLevel(Pixels.red(under), Pixels.red(over), alpha) << 16)
        | (blendLevel(Pixels.green(under), Pixels.green(over), alpha) << 8)
        | blendLevel(Pixels.blue(under), Pixels.blue(over), alpha);
  }

  private static int blendLevel(int under, int over, int alpha) {
    int whole = FULL << SHIFT;
    return (((over << SHIFT) - under * FULL) * alpha + under * whole) / (whole + alpha);
  }
}
