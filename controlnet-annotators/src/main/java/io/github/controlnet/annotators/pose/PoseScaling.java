package io.github.controlnet.annotators.pose;

import io.github.controlnet.annotators.raster.MatScope;
import org.opencv.core.Core;
import org.opencv.core.Mat;
import org.opencv.core.Scalar;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/** How OpenPose's networks get pictures, and how their outputs become as large as the picture. */
final class PoseScaling {
  /** A network's outputs are that much smaller. */
  static final int STRIDE = 8;

  private static final double FILLING = 128;

  private PoseScaling() {}

  /** Resizes by area when the sum of the sides shrinks, by Lanczos' filter when not. */
  static Mat resize(Mat mat, double rows, double columns, MatScope scope) {
    double factor = (rows + columns) / ((double) mat.rows() + mat.cols());
    Mat resized = scope.create();
    Imgproc.resize(
        mat,
        resized,
        new Size(Math.max(1, (int) columns), Math.max(1, (int) rows)),
        0,
        0,
        factor < 1 ? Imgproc.INTER_AREA : Imgproc.INTER_LANCZOS4);
    return resized;
  }

  /** Fills up with grey to multiples of the stride. */
  static Mat padded(Mat picture, MatScope scope) {
    Mat padded = scope.create();
    Core.copyMakeBorder(
        picture,
        padded,
        0,
        Math.floorMod(-picture.rows(), STRIDE),
        0,
        Math.floorMod(-picture.cols(), STRIDE),
        Core.BORDER_CONSTANT,
        Scalar.all(FILLING));
    return padded;
  }

  /** The value that the networks get for a level. */
  static float value(int level) {
    return level / 256f - 0.5f;
  }
}
