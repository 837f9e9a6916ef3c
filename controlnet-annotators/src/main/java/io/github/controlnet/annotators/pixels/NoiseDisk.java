package io.github.controlnet.annotators.pixels;

import io.github.controlnet.annotators.raster.MatScope;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Rect;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/** Smooth noise: random values on a coarse grid, enlarged by cubic interpolation. */
final class NoiseDisk {
  /** Pixels between two values of the grid. */
  private static final int SPACING = 256;

  private NoiseDisk() {}

  /**
   * Draws noise that spans a range. It is read and written row by row, for large pictures' sake.
   *
   * @param greatest the noise goes from 0 to this, and both occur; in a picture of one pixel it is
   *     0, where the original divides 0 by 0
   * @param scope releases the result
   * @return one float32 a pixel
   */
  static Mat draw(int width, int height, int greatest, NumpyRandom random, MatScope scope) {
    Mat noise = scope.keep(new Mat(height, width, CvType.CV_32FC1));
    try (MatScope inner = new MatScope()) {
      Mat whole = inner.create();
      Size size = new Size(width + 2 * SPACING, height + 2 * SPACING);
      Imgproc.resize(grid(width, height, random, inner), whole, size, 0, 0, Imgproc.INTER_CUBIC);
      stretch(inner.keep(whole.submat(new Rect(SPACING, SPACING, width, height))), greatest, noise);
    }
    return noise;
  }

  private static Mat grid(int width, int height, NumpyRandom random, MatScope scope) {
    int rows = height / SPACING + 2;
    int columns = width / SPACING + 2;
    double[] values = new double[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble();
    }
    Mat grid = scope.keep(new Mat(rows, columns, CvType.CV_64FC1));
    grid.put(0, 0, values);
    return grid;
  }

  private static void stretch(Mat from, int greatest, Mat to) {
    Core.MinMaxLocResult limits = Core.minMaxLoc(from);
    double range = limits.maxVal - limits.minVal;
    double[] row = new double[from.cols()];
    float[] stretched = new float[from.cols()];
    for (int y = 0; y < from.rows(); y++) {
      from.get(y, 0, row);
      for (int x = 0; x < row.length; x++) {
        stretched[x] = range == 0 ? 0 : (float) ((row[x] - limits.minVal) / range * greatest);
      }
      to.put(y, 0, stretched);
    }
  }
}
