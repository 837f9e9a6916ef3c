package io.github.controlnet.annotators.depth;

import io.github.controlnet.annotators.raster.MatScope;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Scalar;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * How large a network of depth may see a photograph: as long as most places have an edge within its
 * reach, since without one it does not know what it sees (S. Mahdi H. Miangoleh et al., arXiv
 * 2105.14021, section 5).
 *
 * @param side of the square that it sees, in pixels
 * @param share of the photograph that is close to edges
 */
record BoostResolution(int side, double share) {
  /** Edges are counted in squares of so many pixels. */
  private static final int SQUARE = Boost.MULTIPLE;

  /** Of the greatest gradient; what exceeds it is an edge. */
  private static final double EDGE = 0.4;

  /** Of the places may lie beyond the reach. */
  private static final double BEYOND = 0.2;

  private static final int LARGEST_ENLARGEMENT = 3;

  /**
   * Looks for the greatest resolution.
   *
   * @param photo 8-bit R, G, B
   * @param trained the side of what the network was trained with
   */
  static BoostResolution of(Mat photo, int trained) {
    try (MatScope scope = new MatScope()) {
      Mat edges = edges(photo, scope);
      int least = trained / SQUARE;
      int step = Math.max(1, trained / (2 * SQUARE));
      int limit =
          Math.min(Boost.GREATEST, LARGEST_ENLARGEMENT * Math.max(photo.cols(), photo.rows()))
              / SQUARE;
      int best = least;
      Mat near = scope.keep(Mat.zeros(1, 1, CvType.CV_8UC1));
      for (int side = least; side < limit; side += step) {
        near = pooled(edges, side, scope);
        if (1 - Core.mean(spread(near, least, scope)).val[0] > BEYOND) {
          break;
        }
        best = side;
      }
      double share = Core.mean(spread(near, trained / (4 * SQUARE), scope)).val[0];
      return new BoostResolution(best * SQUARE, share);
    }
  }

  /** Ones where there are edges, else zeros, in a square with the photograph's short side. */
  private static Mat edges(Mat photo, MatScope scope) {
    Mat gradients = scope.create();
    int side = Math.min(photo.cols(), photo.rows());
    Imgproc.resize(BoostParts.gradients(photo, scope), gradients, new Size(side, side));
    Core.MinMaxLocResult range = Core.minMaxLoc(gradients);
    double middle = range.minVal + EDGE * (range.maxVal - range.minVal);
    return ones(gradients, middle, scope);
  }

  private static Mat ones(Mat values, double least, MatScope scope) {
    Mat where = scope.create();
    Core.compare(values, new Scalar(least), where, Core.CMP_GE);
    Mat ones = scope.keep(Mat.zeros(values.size(), CvType.CV_64FC1));
    ones.setTo(new Scalar(1), where);
    return ones;
  }

  /** Ones where there is an edge in the square that a place stands for. */
  private static Mat pooled(Mat edges, int side, MatScope scope) {
    int block = Math.max(1, edges.rows() / side);
    int count = (edges.rows() + block - 1) / block;
    double[] values = new double[edges.rows() * edges.cols()];
    edges.get(0, 0, values);
    double[] greatest = new double[count * count];
    for (int i = 0; i < values.length; i++) {
      int at = i / edges.cols() / block * count + i % edges.cols() / block;
      greatest[at] = Math.max(greatest[at], values[i]);
    }
    Mat blocks = scope.keep(new Mat(count, count, CvType.CV_64FC1));
    blocks.put(0, 0, greatest);
    Mat resized = scope.create();
    Imgproc.resize(blocks, resized, new Size(side, side));
    return ones(resized, 0.5, scope);
  }

  /** Ones also around ones. */
  private static Mat spread(Mat ones, int side, MatScope scope) {
    Mat reach = scope.keep(Mat.ones(Math.max(1, side), Math.max(1, side), CvType.CV_8UC1));
    Mat spread = scope.create();
    Imgproc.dilate(ones, spread, reach);
    return spread;
  }
}
