package io.github.controlnet.annotators.depth;

import io.github.controlnet.annotators.raster.MatScope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Rect;
import org.opencv.core.Scalar;
import org.opencv.imgproc.Imgproc;

/**
 * The parts of a photograph that are worth a closer look: those with more edges than the whole, as
 * large as that holds (S. Mahdi H. Miangoleh et al., arXiv 2105.14021, section 6).
 *
 * @param photo 8-bit R, G, B
 * @param side of the smallest parts
 * @param factor 0.2 to 1; the smaller, the larger are the steps by which parts grow
 */
record BoostParts(Mat photo, int side, double factor) {
  private static final int STEP = 32;

  /** Of red, green and blue. */
  private static final double[] GREY = {0.2989, 0.587, 0.114};

  /** How much brightness changes at each pixel, in float64. */
  static Mat gradients(Mat photo, MatScope scope) {
    try (MatScope inner = new MatScope()) {
      Mat grey = inner.create();
      Mat weights = inner.keep(new Mat(1, 3, CvType.CV_64FC1));
      weights.put(0, 0, GREY);
      Mat precise = inner.create();
      photo.convertTo(precise, CvType.CV_64F);
      Core.transform(precise, grey, weights);
      Mat down = inner.create();
      Imgproc.Sobel(grey, down, CvType.CV_64F, 0, 1);
      Mat along = inner.create();
      Imgproc.Sobel(grey, along, CvType.CV_64F, 1, 0);
      Core.absdiff(down, Scalar.all(0), down);
      Core.absdiff(along, Scalar.all(0), along);
      Mat sum = scope.create();
      Core.add(down, along, sum);
      return sum;
    }
  }

  /** The parts, the largest first. */
  List<Rect> find() {
    try (MatScope scope = new MatScope()) {
      Mat gradients = gradients(photo, scope);
      Mat some = scope.create();
      Core.compare(gradients, Scalar.all(0), some, Core.CMP_GT);
      double mean = Core.mean(gradients, some).val[0];
      Core.compare(gradients, Scalar.all(mean), some, Core.CMP_LT);
      gradients.setTo(Scalar.all(0), some);
      double density = Core.sumElems(gradients).val[0] / gradients.total();
      Mat sums = scope.create();
      Imgproc.integral(gradients, sums, CvType.CV_64F);
      List<Rect> parts = new ArrayList<>();
      int half = (int) Math.rint(side / 2.0);
      int stride = (int) Math.rint(half * 0.75);
      for (int x = 0; x < photo.cols() - 2 * half; x += stride) {
        for (int y = 0; y < photo.rows() - 2 * half; y += stride) {
          Rect part = new Rect(x, y, 2 * half, 2 * half);
          if (density(sums, part) >= density) {
            parts.add(grown(part, sums, density));
          }
        }
      }
      parts.sort(Comparator.comparing((Rect part) -> part.width).reversed());
      return parts;
    }
  }

  /** Enlarges a part as long as its edges are as dense as the whole's. */
  private Rect grown(Rect part, Mat sums, double density) {
    int step = (int) (STEP / factor);
    Rect best = part;
    while (true) {
      Rect next =
          new Rect(best.x - step / 2, best.y - step / 2, best.width + step, best.height + step);
      if (next.x < 0
          || next.y < 0
          || next.y + next.height > photo.rows()
          || next.x + next.width > photo.cols()
          || density(sums, next) < density) {
        return best;
      }
      best = next;
    }
  }

  /** The mean of the gradients in a part. */
  private static double density(Mat sums, Rect part) {
    int right = part.x + part.width;
    int below = part.y + part.height;
    double sum =
        sums.get(below, right)[0]
            - sums.get(part.y, right)[0]
            - sums.get(below, part.x)[0]
            + sums.get(part.y, part.x)[0];
    return sum / (part.width * part.height);
  }
}
