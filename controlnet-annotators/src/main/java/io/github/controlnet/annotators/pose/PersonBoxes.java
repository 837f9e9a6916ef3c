package io.github.controlnet.annotators.pose;

import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.core.torch.FloatTensor;
import io.github.controlnet.exception.AnnotationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Rect;
import org.opencv.core.Scalar;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * Finds where people are by YOLOX (Z. Ge et al., arXiv 2107.08430): yolox_l.onnx of DWPose, with
 * the thresholds and the rounding of sd-webui-controlnet's cv_ox_det.py.
 *
 * @param network [1, 3, {@link #SIDE}, {@link #SIDE}] to [1, 8400, 5 + classes]: the centre in
 *     cells, the logarithm of the size in cells, the likelihood of any thing, then of each class
 */
record PersonBoxes(LoadedNetwork network) {
  /** Rows and columns of the pictures that the network takes. */
  static final int SIDE = 640;

  private static final int[] STRIDES = {8, 16, 32};
  private static final double FILLING = 114;
  private static final int ANYTHING = 4;
  private static final int PERSON = 5;
  private static final float SEEN = 0.1f;
  private static final float SURE = 0.3f;
  private static final float OVERLAP = 0.45f;

  /** A part of the picture, in pixels. */
  record Box(float left, float top, float right, float bottom, float score) {

    /** Intersection over union, with pixels counted at both ends. */
    float overlap(Box other) {
      float width = Math.max(0, Math.min(right, other.right) - Math.max(left, other.left) + 1);
      float height = Math.max(0, Math.min(bottom, other.bottom) - Math.max(top, other.top) + 1);
      float shared = width * height;
      return shared / (area() + other.area() - shared);
    }

    private float area() {
      return (right - left + 1) * (bottom - top + 1);
    }
  }

  /**
   * Finds people, the surest first.
   *
   * @param photo 8-bit R, G, B, the order in which sd-webui-controlnet gives them to the network
   * @return their boxes; the whole picture when there are things but no person among them
   */
  List<Box> find(Mat photo, MatScope scope) {
    double ratio = Math.min((double) SIDE / photo.rows(), (double) SIDE / photo.cols());
    int rows = Math.max(1, (int) (photo.rows() * ratio));
    int columns = Math.max(1, (int) (photo.cols() * ratio));
    Mat canvas = scope.keep(new Mat(SIDE, SIDE, CvType.CV_8UC3, Scalar.all(FILLING)));
    Mat place = scope.keep(canvas.submat(new Rect(0, 0, columns, rows)));
    Imgproc.resize(photo, place, new Size(columns, rows), 0, 0, Imgproc.INTER_LINEAR);
    FloatTensor output = network.run(Planes.rgb(canvas, (level, channel) -> level)).get(0);
    return people(output, (float) ratio, photo.cols(), photo.rows());
  }

  private static List<Box> people(FloatTensor output, float ratio, int width, int height) {
    int cells = 0;
    for (int stride : STRIDES) {
      cells += (SIDE / stride) * (SIDE / stride);
    }
    if (output.shape().length != 3 || output.side(1) != cells || output.side(2) <= PERSON) {
      throw new AnnotationException(
          "The network of boxes gave values %s; expected [1, %d, 85] as yolox_l.onnx gives."
              .formatted(Arrays.toString(output.shape()), cells));
    }
    int step = output.side(2);
    float[] values = output.values();
    List<Box> seen = new ArrayList<>();
    boolean anything = false;
    int at = 0;
    for (int stride : STRIDES) {
      int side = SIDE / stride;
      for (int cell = 0; cell < side * side; cell++, at += step) {
        Box box = box(values, at, cell % side, cell / side, stride, ratio);
        if (box.score() > SEEN) {
          seen.add(box);
        }
        anything |= anything(values, at, step);
      }
    }
    List<Box> people = separate(seen).stream().filter(box -> box.score() > SURE).toList();
    return people.isEmpty() && anything ? List.of(new Box(0, 0, width, height, 1)) : people;
  }

  private static boolean anything(float[] values, int at, int step) {
    for (int column = PERSON; column < step; column++) {
      if (values[at + ANYTHING] * values[at + column] > SEEN) {
        return true;
      }
    }
    return false;
  }

  private static Box box(float[] values, int at, int column, int row, int stride, float ratio) {
    float x = (float) ((values[at] + (double) column) * stride);
    float y = (float) ((values[at + 1] + (double) row) * stride);
    float width = (float) Math.exp(values[at + 2]) * stride;
    float height = (float) Math.exp(values[at + 3]) * stride;
    return new Box(
        (x - width / 2) / ratio,
        (y - height / 2) / ratio,
        (x + width / 2) / ratio,
        (y + height / 2) / ratio,
        values[at + ANYTHING] * values[at + PERSON]);
  }

  /** Of boxes over one another the surest. */
  private static List<Box> separate(List<Box> boxes) {
    List<Box> kept = new ArrayList<>();
    List<Box> sorted = new ArrayList<>(boxes);
    sorted.sort(Comparator.comparingDouble(Box::score).reversed());
    for (Box box : sorted) {
      if (kept.stream().allMatch(other -> other.overlap(box) <= OVERLAP)) {
        kept.add(box);
      }
    }
    return kept;
  }
}
