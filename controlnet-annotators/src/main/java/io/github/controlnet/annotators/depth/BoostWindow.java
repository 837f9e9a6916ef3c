package io.github.controlnet.annotators.depth;

import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Planes;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Rect;
import org.opencv.core.Scalar;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * How much of a part counts at each place along a side: all in its middle, nothing at its ends. The
 * share in the plane is the product of both sides'.
 */
final class BoostWindow {
  private static final int LENGTH = 3000;
  private static final int MARGIN = (int) (0.15 * LENGTH);
  private static final int SIGMA = LENGTH / 16;
  private static final int KERNEL = 2 * 2 * SIGMA + 1;

  private BoostWindow() {}

  /** The shares, 0 to 1, along a side of so many pixels. */
  static float[] of(int side, MatScope scope) {
    Mat line = scope.keep(Mat.zeros(1, LENGTH, CvType.CV_32FC1));
    scope.keep(line.submat(new Rect(MARGIN, 0, LENGTH - 2 * MARGIN, 1))).setTo(new Scalar(1));
    Mat blurred = scope.create();
    Imgproc.GaussianBlur(line, blurred, new Size(KERNEL, 1), SIGMA);
    Mat resized = scope.create();
    Imgproc.resize(blurred, resized, new Size(side, 1));
    return Planes.values(resized);
  }
}
