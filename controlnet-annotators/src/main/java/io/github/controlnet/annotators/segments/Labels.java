package io.github.controlnet.annotators.segments;

import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.core.torch.FloatTensor;
import java.util.Arrays;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Scalar;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/** The classes of pixels. */
final class Labels {
  private Labels() {}

  /**
   * Chooses for every pixel the class of the greatest score, the first of several.
   *
   * @param scores [1, classes, rows, columns], of 256 classes at the most
   * @param sizes to which the scores are brought, one after another, bilinearly; class by class,
   *     since all classes at once would take hundreds of bytes a pixel
   * @return row by row, at the last size
   */
  static int[] likeliest(FloatTensor scores, MatScope scope, Size... sizes) {
    int rows = scores.side(2);
    int columns = scores.side(3);
    Size last = sizes[sizes.length - 1];
    Mat labels = scope.keep(Mat.zeros(last, CvType.CV_8UC1));
    Mat greatest = scope.keep(new Mat(last, CvType.CV_32FC1, new Scalar(Float.NEGATIVE_INFINITY)));
    Mat greater = scope.create();
    Mat stored = scope.keep(new Mat(rows, columns, CvType.CV_32FC1));
    Mat[] resized = Arrays.stream(sizes).map(size -> scope.create()).toArray(Mat[]::new);
    int plane = rows * columns;
    for (int label = 0; label < scores.side(1); label++) {
      stored.put(0, 0, Arrays.copyOfRange(scores.values(), label * plane, (label + 1) * plane));
      Mat score = stored;
      for (int i = 0; i < sizes.length; i++) {
        Imgproc.resize(score, resized[i], sizes[i]);
        score = resized[i];
      }
      Core.compare(score, greatest, greater, Core.CMP_GT);
      labels.setTo(new Scalar(label), greater);
      Core.max(score, greatest, greatest);
    }
    byte[] samples = new byte[(int) last.area()];
    labels.get(0, 0, samples);
    int[] result = new int[samples.length];
    Arrays.setAll(result, i -> samples[i] & 0xff);
    return result;
  }
}
