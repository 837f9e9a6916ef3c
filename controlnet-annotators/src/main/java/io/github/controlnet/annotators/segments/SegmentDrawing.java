package io.github.controlnet.annotators.segments;

import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Pixels;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfPoint;
import org.opencv.imgproc.Imgproc;

/**
 * Draws classes of pixels as areas with white outlines, the way {@code Visualizer.draw_sem_seg} in
 * annotator/oneformer of github.com/Mikubill/sd-webui-controlnet does at
 * 56cec5b2958edf3b1807b7e7b2b1b5186dbd2f81 with matplotlib 3.11: the greatest class first; a class
 * with holes is painted pixel by pixel and lies under all others. A part of one or two pixels is
 * left out.
 */
final class SegmentDrawing {
  private static final int LEAST_CORNERS = 3;

  /** Longer polygons are not moved to whole pixels. */
  private static final int MOST_SNAPPED = 1023;

  private static final double DOTS_PER_INCH = 100;
  private static final double POINTS_PER_INCH = 72;
  private static final int PARENT = 3;

  private final Palette palette;

  SegmentDrawing(Palette palette) {
    this.palette = palette;
  }

  /**
   * Draws a map.
   *
   * @param labels of the pixels row by row; those that the palette has no colour for stay white
   */
  BufferedImage draw(int[] labels, int width, int height) {
    BufferedImage map = Pixels.fill(width, height, i -> Pixels.WHITE);
    int[] pixels = Pixels.of(map);
    Frame frame = Frame.of(width, height);
    StretchedMask mask = new StretchedMask(frame);
    List<Area> areas = new ArrayList<>();
    for (Extent extent : extents(labels, width)) {
      List<int[]> contours = new ArrayList<>();
      int color = palette.color(extent.label);
      if (contours(labels, width, extent, contours)) {
        mask.paint(pixels, labels, extent.label, color, extent.top, extent.bottom);
      } else {
        areas.add(new Area(color, contours));
      }
    }
    Coverage coverage = new Coverage(width, height);
    double lineWidth = lineWidth(width, height);
    for (Area area : areas) {
      for (int[] contour : area.contours) {
        draw(contour, frame, lineWidth, area.color, coverage, pixels);
      }
    }
    return map;
  }

  /** A class without holes. */
  private record Area(int color, List<int[]> contours) {}

  /** A class and the rectangle that its pixels lie in. */
  private static final class Extent {
    final int label;
    int area;
    int left = Integer.MAX_VALUE;
    int right;
    int top = Integer.MAX_VALUE;
    int bottom;

    Extent(int label) {
      this.label = label;
    }

    void add(int x, int y) {
      area++;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }

  /** The greatest class first, of equal ones that with the lesser label. */
  private List<Extent> extents(int[] labels, int width) {
    Extent[] extents =
        IntStream.range(0, palette.size()).mapToObj(Extent::new).toArray(Extent[]::new);
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < extents.length) {
        extents[labels[i]].add(i % width, i / width);
      }
    }
    return Arrays.stream(extents)
        .filter(extent -> extent.area > 0)
        .sorted(Comparator.comparingInt(extent -> -extent.area))
        .toList();
  }

  /**
   * Finds the outermost pixels of the parts of a class, as x and y in turn.
   *
   * @return whether a part has a hole; then not all contours were found
   */
  private static boolean contours(int[] labels, int width, Extent extent, List<int[]> found) {
    int columns = extent.right - extent.left + 1;
    int rows = extent.bottom - extent.top + 1;
    byte[] samples = new byte[columns * rows];
    for (int row = 0; row < rows; row++) {
      int start = (extent.top + row) * width + extent.left;
      for (int column = 0; column < columns; column++) {
        samples[row * columns + column] = (byte) (labels[start + column] == extent.label ? 1 : 0);
      }
    }
    List<MatOfPoint> contours = new ArrayList<>();
    try (MatScope scope = new MatScope()) {
      Mat mask = scope.keep(new Mat(rows, columns, CvType.CV_8UC1));
      mask.put(0, 0, samples);
      Mat hierarchy = scope.create();
      Imgproc.findContours(
          mask, contours, hierarchy, Imgproc.RETR_CCOMP, Imgproc.CHAIN_APPROX_NONE);
      contours.forEach(scope::keep);
      int[] links = new int[4 * contours.size()];
      hierarchy.get(0, 0, links);
      for (int i = 0; i < contours.size(); i++) {
        if (links[4 * i + PARENT] >= 0) {
          return true;
        }
        MatOfPoint contour = contours.get(i);
        if (contour.rows() >= LEAST_CORNERS) {
          int[] points = new int[2 * contour.rows()];
          contour.get(0, 0, points);
          for (int j = 0; j < points.length; j += 2) {
            points[j] += extent.left;
            points[j + 1] += extent.top;
          }
          found.add(points);
        }
      }
    }
    return false;
  }

  /** One point, or more of them in pictures of more than 2700 x 2700 pixels; in pixels. */
  private static double lineWidth(int width, int height) {
    double fontSize = Math.max(Math.floor(Math.sqrt((double) width * height) / 90), 10);
    return Math.max(Math.floor(fontSize / 15), 1) * DOTS_PER_INCH / POINTS_PER_INCH;
  }

  private static void draw(
      int[] contour, Frame frame, double lineWidth, int color, Coverage coverage, int[] pixels) {
    int corners = contour.length / 2;
    double[] x = new double[corners];
    double[] y = new double[corners];
    for (int i = 0; i < corners; i++) {
      x[i] = frame.x(contour[2 * i] + 0.5);
      y[i] = frame.y(contour[2 * i + 1] + 0.5);
    }
    if (corners <= MOST_SNAPPED && isRectilinear(contour)) {
      double middle = Math.round(lineWidth) % 2 / 2.0;
      Arrays.setAll(x, i -> Math.floor(x[i] + 0.5) + middle);
      Arrays.setAll(y, i -> Math.floor(y[i] + 0.5) + middle);
    }
    Outline.fill(x, y, coverage);
    coverage.paint(pixels, color);
    new Outline(x, y, lineWidth).draw(coverage);
    coverage.paint(pixels, Pixels.WHITE);
  }

  /** All edges but the last one, which closes the polygon, are level or upright. */
  private static boolean isRectilinear(int[] contour) {
    for (int i = 2; i < contour.length; i += 2) {
      if (contour[i] != contour[i - 2] && contour[i + 1] != contour[i - 1]) {
        return false;
      }
    }
    return true;
  }
}
