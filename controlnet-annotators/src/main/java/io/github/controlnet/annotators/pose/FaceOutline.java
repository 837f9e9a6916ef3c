package io.github.controlnet.annotators.pose;

import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.OpenCv;
import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.pose.Keypoint;
import io.github.controlnet.pose.Person;
import io.github.controlnet.pose.Poses;
import java.awt.image.BufferedImage;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Point;
import org.opencv.core.Scalar;
import org.opencv.imgproc.Imgproc;

/**
 * Draws the landmarks of MediaPipe's face mesh as the control models of such faces saw them in
 * training: mediapipe_face/mediapipe_face_common.py of controlnet_aux, with the connections of
 * MediaPipe's face_mesh_connections.py.
 */
final class FaceOutline {
  private static final int MESH = 468;
  private static final int MESH_AND_IRISES = 478;
  private static final int THICKNESS = 2;
  private static final int HALF_PUPIL = 2;

  /** A line from landmark to landmark; later ones cover earlier ones. */
  private record Line(int rgb, List<Integer> landmarks) {}

  /** The landmark in the middle of an iris. */
  private record Pupil(int rgb, int landmark) {}

  private static final int HEAD = 0x0ac80a;
  private static final int LEFT_EYE = 0x0ac8b4;
  private static final int LEFT_EYEBROW = 0x0adcb4;
  private static final int RIGHT_EYE = 0xb4c80a;
  private static final int RIGHT_EYEBROW = 0xb4dc0a;
  private static final int LIPS = 0x0ab40a;

  private static final List<Line> LINES =
      List.of(
          line(
              HEAD, 10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378,
              400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103,
              67, 109, 10),
          line(LEFT_EYE, 263, 249, 390, 373, 374, 380, 381, 382, 362),
          line(LEFT_EYE, 263, 466, 388, 387, 386, 385, 384, 398, 362),
          line(LEFT_EYEBROW, 276, 283, 282, 295, 285),
          line(LEFT_EYEBROW, 300, 293, 334, 296, 336),
          line(RIGHT_EYE, 33, 7, 163, 144, 145, 153, 154, 155, 133),
          line(RIGHT_EYE, 33, 246, 161, 160, 159, 158, 157, 173, 133),
          line(RIGHT_EYEBROW, 46, 53, 52, 65, 55),
          line(RIGHT_EYEBROW, 70, 63, 105, 66, 107),
          line(LIPS, 61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
          line(LIPS, 61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
          line(LIPS, 78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
          line(LIPS, 78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308));

  private static final List<Pupil> PUPILS =
      List.of(new Pupil(0xfac80a, 468), new Pupil(0x0ac8fa, 473));

  private FaceOutline() {}

  private static Line line(int rgb, Integer... landmarks) {
    return new Line(rgb, List.of(landmarks));
  }

  /**
   * Checks that all faces are such meshes.
   *
   * @throws InvalidRequestException when one has another number of points
   */
  static void requireMeshes(Poses poses) {
    for (int i = 0; i < poses.people().size(); i++) {
      int count = poses.people().get(i).face().size();
      if (count != 0 && count != MESH && count != MESH_AND_IRISES) {
        throw new InvalidRequestException(
            "The face of people[%d] has %d points; expected the %d landmarks of MediaPipe's face mesh, or %d with the irises. Other faces are drawn by \"openpose_faceonly\"."
                .formatted(i, count, MESH, MESH_AND_IRISES));
      }
    }
  }

  static BufferedImage draw(Poses poses) {
    requireMeshes(poses);
    OpenCv.load();
    try (MatScope scope = new MatScope()) {
      Mat canvas = scope.keep(Mat.zeros(poses.height(), poses.width(), CvType.CV_8UC3));
      for (Person person : poses.people()) {
        if (!person.face().isEmpty()) {
          LINES.forEach(line -> draw(canvas, person.face(), line));
          PUPILS.forEach(pupil -> draw(canvas, person.face(), pupil));
        }
      }
      return OpenCv.toImage(canvas);
    }
  }

  private static void draw(Mat canvas, List<Keypoint> face, Line line) {
    Point from = null;
    for (int landmark : line.landmarks()) {
      Point to = pixel(face.get(landmark), canvas);
      if (from != null && to != null) {
        Imgproc.line(canvas, from, to, colour(line.rgb()), THICKNESS);
      }
      from = to;
    }
  }

  /** Returns null for a landmark that was not found or lies outside the canvas. */
  private static @Nullable Point pixel(Keypoint point, Mat canvas) {
    boolean inside =
        point.isPresent()
            && point.x() >= 0
            && point.x() <= canvas.cols()
            && point.y() >= 0
            && point.y() <= canvas.rows();
    return inside
        ? new Point(
            Math.min((int) point.x(), canvas.cols() - 1),
            Math.min((int) point.y(), canvas.rows() - 1))
        : null;
  }

  /** The reference draws no pupil that the left or upper side would cut. */
  private static void draw(Mat canvas, List<Keypoint> face, Pupil pupil) {
    if (pupil.landmark() >= face.size()) {
      return;
    }
    Keypoint middle = face.get(pupil.landmark());
    if (middle.isPresent()
        && middle.x() >= HALF_PUPIL
        && middle.x() < canvas.cols()
        && middle.y() >= HALF_PUPIL
        && middle.y() < canvas.rows()) {
      int x = (int) middle.x();
      int y = (int) middle.y();
      Imgproc.rectangle(
          canvas,
          new Point(x - HALF_PUPIL, y - HALF_PUPIL),
          new Point(x + HALF_PUPIL - 1, y + HALF_PUPIL - 1),
          colour(pupil.rgb()),
          Imgproc.FILLED);
    }
  }

  private static Scalar colour(int rgb) {
    return new Scalar(Pixels.red(rgb), Pixels.green(rgb), Pixels.blue(rgb));
  }
}
