package io.github.controlnet.annotators;

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
   * Draws the noise of a picture.
   *
   * @return one value a pixel, row by row, from 0 to 1, both of which occur; all 0 in a picture of
   *     one pixel, where the original divides 0 by 0
   */
  static double[] draw(int width, int height, NumpyRandom random) {
    int rows = height / SPACING + 2;
    int columns = width / SPACING + 2;
    double[] grid = new double[rows * columns];
    for (int i = 0; i < grid.length; i++) {
      grid[i] = random.nextDouble();
    }
    double[] noise = new double[width * height];
    try (MatScope scope = new MatScope()) {
      Mat coarse = scope.keep(new Mat(rows, columns, CvType.CV_64FC1));
      coarse.put(0, 0, grid);
      Mat fine = scope.create();
      Size size = new Size(width + 2 * SPACING, height + 2 * SPACING);
      Imgproc.resize(coarse, fine, size, 0, 0, Imgproc.INTER_CUBIC);
      scope.keep(fine.submat(new Rect(SPACING, SPACING, width, height))).get(0, 0, noise);
    }
    stretch(noise);
    return noise;
  }

  private static void stretch(double[] noise) {
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    for (double value : noise) {
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
    }
    double range = greatest - least;
    for (int i = 0; i < noise.length; i++) {
      noise[i] = range == 0 ? 0 : (noise[i] - least) / range;
    }
  }
}
