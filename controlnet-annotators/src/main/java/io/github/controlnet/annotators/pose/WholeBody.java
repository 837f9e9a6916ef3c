package io.github.controlnet.annotators.pose;

import io.github.controlnet.annotators.pose.PersonBoxes.Box;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.core.torch.FloatTensor;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.pose.Keypoint;
import io.github.controlnet.pose.Person;
import io.github.controlnet.pose.Poses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.opencv.core.Mat;
import org.opencv.core.MatOfPoint2f;
import org.opencv.core.Point;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * Finds the body, hands and face of one person by DWPose (Z. Yang et al., arXiv 2307.15880):
 * dw-ll_ucoco_384.onnx, with the thresholds of sd-webui-controlnet's cv_ox_pose.py and
 * wholebody.py. Its 133 points are those of COCO-WholeBody (S. Jin et al., arXiv 2007.11858), from
 * which OpenPose's are taken.
 *
 * @param network [1, 3, {@link #ROWS}, {@link #COLUMNS}] to the likelihoods of each point's x [1,
 *     133, 2 columns] and y [1, 133, 2 rows]
 */
record WholeBody(LoadedNetwork network) {
  static final int ROWS = 384;
  static final int COLUMNS = 288;

  private static final int POINTS = 133;
  private static final int BINS_PER_PIXEL = 2;
  private static final float MARGIN = 1.25f;
  private static final double[] MEAN = {123.675, 116.28, 103.53};
  private static final double[] DEVIATION = {58.395, 57.12, 57.375};
  private static final float SURE = 0.3f;

  /** OpenPose's joints in COCO's order; the neck is between the shoulders. */
  private static final int[] BODY = {0, -1, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3};

  private static final int NECK = 1;
  private static final int LEFT_SHOULDER = 5;
  private static final int RIGHT_SHOULDER = 6;
  private static final int RIGHT_EYE = 14;
  private static final int LEFT_EYE = 15;
  private static final int FACE = 23;
  private static final int LEFT_HAND = 91;
  private static final int RIGHT_HAND = 112;

  /** Memory for a photograph; the networks see pictures of one size. */
  static long bytes(int width, int height) {
    return 1_500_000_000L + 16L * width * height;
  }

  /** Finds the points of the people in some boxes. */
  Poses find(Mat photo, List<Box> boxes, MatScope scope) {
    List<Person> people = new ArrayList<>();
    for (Box box : boxes) {
      scope.checkCancelled();
      people.add(find(photo, box));
    }
    return new Poses(photo.cols(), photo.rows(), people);
  }

  /** A point, found or not. */
  private record Scored(double x, double y, float score) {
    Keypoint keypoint() {
      return score >= SURE ? Keypoint.at(x, y) : Keypoint.MISSING;
    }
  }

  /**
   * Finds the points of a person.
   *
   * @param photo 8-bit R, G, B
   * @param box where the person is
   */
  Person find(Mat photo, Box box) {
    float centreX = (box.left() + box.right()) * 0.5f;
    float centreY = (box.top() + box.bottom()) * 0.5f;
    float width = (box.right() - box.left()) * MARGIN;
    float height = (box.bottom() - box.top()) * MARGIN;
    float aspect = (float) COLUMNS / ROWS;
    if (width > height * aspect) {
      height = width / aspect;
    } else {
      width = height * aspect;
    }
    FloatTensor picture = part(photo, centreX, centreY, width);
    List<FloatTensor> outputs = network.run(picture);
    requireShape(outputs.get(0), COLUMNS);
    requireShape(outputs.get(1), ROWS);
    List<Scored> points = new ArrayList<>();
    for (int point = 0; point < POINTS; point++) {
      int column = greatest(outputs.get(0), point);
      int row = greatest(outputs.get(1), point);
      float score = Math.min(outputs.get(0).values()[column], outputs.get(1).values()[row]);
      points.add(
          new Scored(
              place(column, COLUMNS, centreX, width), place(row, ROWS, centreY, height), score));
    }
    return person(points);
  }

  private static void requireShape(FloatTensor output, int side) {
    long[] expected = {1, POINTS, (long) BINS_PER_PIXEL * side};
    if (!Arrays.equals(output.shape(), expected)) {
      throw new AnnotationException(
          "The network of points gave values %s; expected %s as dw-ll_ucoco_384.onnx gives."
              .formatted(Arrays.toString(output.shape()), Arrays.toString(expected)));
    }
  }

  /** The square or higher part of the picture around a person, black beyond the borders. */
  private static FloatTensor part(Mat photo, float x, float y, float width) {
    double half = width / 2;
    double up = ROWS / 2.0 - COLUMNS / 2.0;
    MatOfPoint2f from =
        new MatOfPoint2f(new Point(x, y), new Point(x, y - half), new Point(x - half, y - half));
    MatOfPoint2f to =
        new MatOfPoint2f(
            new Point(COLUMNS / 2.0, ROWS / 2.0), new Point(COLUMNS / 2.0, up), new Point(0, up));
    try (MatScope scope = new MatScope()) {
      scope.keep(from);
      scope.keep(to);
      Mat part = scope.create();
      Mat transform = scope.keep(Imgproc.getAffineTransform(from, to));
      Imgproc.warpAffine(photo, part, transform, new Size(COLUMNS, ROWS));
      return Planes.rgb(
          part, (level, channel) -> (float) ((level - MEAN[channel]) / DEVIATION[channel]));
    }
  }

  /** The place of a point's greatest likelihood among all values. */
  private static int greatest(FloatTensor output, int point) {
    int bins = output.side(2);
    float[] values = output.values();
    int greatest = point * bins;
    for (int i = greatest + 1; i < (point + 1) * bins; i++) {
      if (values[i] > values[greatest]) {
        greatest = i;
      }
    }
    return greatest;
  }

  private static double place(int at, int pixels, float centre, float length) {
    int bin = at % (BINS_PER_PIXEL * pixels);
    return (double) bin / BINS_PER_PIXEL / pixels * length + centre - length / 2;
  }

  private static Person person(List<Scored> points) {
    List<Keypoint> body = new ArrayList<>();
    for (int joint = 0; joint < BODY.length; joint++) {
      body.add(joint == NECK ? neck(points) : points.get(BODY[joint]).keypoint());
    }
    List<Keypoint> face = new ArrayList<>(part(points, FACE, LEFT_HAND));
    if (!face.isEmpty()) {
      face.add(body.get(RIGHT_EYE)); // OpenPose's faces have pupils
      face.add(body.get(LEFT_EYE));
    }
    return new Person(
        body, part(points, LEFT_HAND, RIGHT_HAND), part(points, RIGHT_HAND, POINTS), face);
  }

  private static Keypoint neck(List<Scored> points) {
    Scored left = points.get(LEFT_SHOULDER);
    Scored right = points.get(RIGHT_SHOULDER);
    return left.score() > SURE && right.score() > SURE
        ? Keypoint.at((left.x() + right.x()) / 2, (left.y() + right.y()) / 2)
        : Keypoint.MISSING;
  }

  /** Points of a hand or face; none when none of them was found. */
  private static List<Keypoint> part(List<Scored> points, int from, int to) {
    List<Keypoint> part = points.subList(from, to).stream().map(Scored::keypoint).toList();
    return part.stream().anyMatch(Keypoint::isPresent) ? part : List.of();
  }
}
