package io.github.controlnet.annotators.edges;

import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.OpenCv;
import java.awt.image.BufferedImage;
import java.util.List;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/** What becomes of soft edges: steps, and strokes of a pen. */
final class SoftEdges {
  /** The usual number of steps of a "safe" map. */
  static final int SAFE_STEPS = 2;

  private static final double PEN = 3;
  private static final int FAINTEST = 127;
  private static final int INK = 4;

  /** Lines of three pixels in four directions. */
  private static final List<byte[]> DIRECTIONS =
      List.of(
          new byte[] {0, 0, 0, 1, 1, 1, 0, 0, 0},
          new byte[] {0, 1, 0, 0, 1, 0, 0, 1, 0},
          new byte[] {1, 0, 0, 0, 1, 0, 0, 0, 1},
          new byte[] {0, 0, 1, 0, 1, 0, 1, 0, 0});

  private SoftEdges() {}

  /**
   * An edge's strength in steps, such as 0, 0.5 and 1 for two of them, as ControlNet 1.1's "safe"
   * maps; more than 1 where the strength is 1.
   */
  static float safe(double strength, int steps) {
    return (int) ((float) strength * (steps + 1f)) / (float) steps;
  }

  /**
   * Strokes along the ridges of the edges, as ControlNet 1.1's fake scribbles.
   *
   * @param edges grey
   */
  static BufferedImage scribble(BufferedImage edges, MatScope scope) {
    Mat levels = scope.keep(OpenCv.toMat(edges));
    Mat grey = scope.create();
    Core.extractChannel(levels, grey, 0);
    Mat ridges = ridges(grey, scope);
    Mat strokes = scope.create();
    Imgproc.GaussianBlur(ridges, strokes, new Size(0, 0), PEN);
    Mat ink = scope.create();
    Imgproc.threshold(strokes, ink, INK, 255, Imgproc.THRESH_BINARY);
    return OpenCv.toImage(ink);
  }

  /** White where the blurred edges are strong and greatest in some direction. */
  private static Mat ridges(Mat grey, MatScope scope) {
    Mat blurred = scope.create();
    grey.convertTo(blurred, CvType.CV_32F);
    Imgproc.GaussianBlur(blurred, blurred, new Size(0, 0), PEN);
    Mat ridges = scope.keep(Mat.zeros(grey.size(), CvType.CV_8U));
    for (byte[] direction : DIRECTIONS) {
      Mat line = scope.keep(new Mat(3, 3, CvType.CV_8U));
      line.put(0, 0, direction);
      Mat greatest = scope.create();
      Imgproc.dilate(blurred, greatest, line);
      Mat ridge = scope.create();
      Core.compare(greatest, blurred, ridge, Core.CMP_EQ);
      Core.bitwise_or(ridges, ridge, ridges);
    }
    Mat strong = scope.create();
    Core.compare(blurred, new org.opencv.core.Scalar(FAINTEST), strong, Core.CMP_GT);
    Core.bitwise_and(ridges, strong, ridges);
    return ridges;
  }
}
