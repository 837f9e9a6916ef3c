package io.github.controlnet.annotators.edges;

import io.github.controlnet.annotators.raster.MatScope;
import java.util.Arrays;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * How much darker a picture is than its surroundings: the least of R, G, B of a wide Gaussian blur
 * minus a narrow one, in float32. Blurred pictures in float32 take 24 times the memory of a grey
 * map, so the work goes stripe by stripe, each with as many rows above and below as the blur looks
 * at; the values are those of the whole picture, bit for bit.
 */
final class BlurDifference {
  private static final int STRIPE_PIXELS = 1 << 20;

  private final double narrow;
  private final double wide;

  /**
   * Chooses the blurs.
   *
   * @param narrow sigma in pixels; 0 is the picture itself
   * @param wide sigma in pixels
   */
  BlurDifference(double narrow, double wide) {
    this.narrow = narrow;
    this.wide = wide;
  }

  /** Returns one value a pixel, row by row. */
  float[] of(Mat photo) {
    return of(photo, Math.max(2 * radius(), STRIPE_PIXELS / photo.cols()));
  }

  float[] of(Mat photo, int stripeRows) {
    float[] differences = new float[photo.rows() * photo.cols()];
    for (int from = 0; from < photo.rows(); from += stripeRows) {
      stripe(photo, from, Math.min(photo.rows(), from + stripeRows), differences);
    }
    return differences;
  }

  private void stripe(Mat photo, int from, int to, float[] differences) {
    int above = Math.max(0, from - radius());
    int below = Math.min(photo.rows(), to + radius());
    try (MatScope scope = new MatScope()) {
      Mat stripe = scope.create();
      scope.keep(photo.rowRange(above, below)).convertTo(stripe, CvType.CV_32F);
      Mat blurred = blur(stripe, wide, scope);
      Mat sharp = narrow == 0 ? stripe : blur(stripe, narrow, scope);
      float[] minuend = new float[3 * photo.cols()];
      float[] subtrahend = new float[3 * photo.cols()];
      for (int y = from; y < to; y++) {
        blurred.get(y - above, 0, minuend);
        sharp.get(y - above, 0, subtrahend);
        for (int x = 0; x < photo.cols(); x++) {
          float least = minuend[3 * x] - subtrahend[3 * x];
          least = Math.min(least, minuend[3 * x + 1] - subtrahend[3 * x + 1]);
          least = Math.min(least, minuend[3 * x + 2] - subtrahend[3 * x + 2]);
          differences[y * photo.cols() + x] = least;
        }
      }
    }
  }

  private static Mat blur(Mat picture, double sigma, MatScope scope) {
    Mat blurred = scope.create();
    Imgproc.GaussianBlur(picture, blurred, new Size(), sigma);
    return blurred;
  }

  /** Half the width of the kernel that OpenCV takes for a sigma in float32. */
  private int radius() {
    return (((int) Math.rint(Math.max(narrow, wide) * 8 + 1)) | 1) / 2;
  }

  /**
   * Returns the median of the values above a level, as {@code numpy.median} does: the mean of the
   * two in the middle if their number is even.
   *
   * @return NaN when there are none
   */
  static float medianAbove(float level, float[] values) {
    float[] above = new float[values.length];
    int count = 0;
    for (float value : values) {
      if (value > level) {
        above[count++] = value;
      }
    }
    if (count == 0) {
      return Float.NaN;
    }
    Arrays.sort(above, 0, count);
    float upper = above[count / 2];
    return count % 2 == 1 ? upper : (above[count / 2 - 1] + upper) / 2;
  }
}
