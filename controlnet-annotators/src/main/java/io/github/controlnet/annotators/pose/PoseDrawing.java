package io.github.controlnet.annotators.pose;

import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.OpenCv;
import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.pose.Keypoint;
import io.github.controlnet.pose.Person;
import io.github.controlnet.pose.Poses;
import java.awt.image.BufferedImage;
import java.util.List;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfPoint;
import org.opencv.core.Point;
import org.opencv.core.Scalar;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * Draws people as the control models of poses saw them in training.
 *
 * @param body whether bodies are drawn
 * @param hands whether hands are drawn
 * @param face whether faces are drawn
 * @param blended limbs over the joints, mixed with what is below, and points of hands that were not
 *     found in the corner, as ControlNet 1.0 drew people; else darker limbs below the joints and
 *     nothing in the corner, as ControlNet 1.1 does
 */
record PoseDrawing(boolean body, boolean hands, boolean face, boolean blended) {
  /** Limbs by their joints; each is drawn in the colour of its number. */
  private static final int[][] LIMBS = {
    {1, 2}, {1, 5}, {2, 3}, {3, 4}, {5, 6}, {6, 7}, {1, 8}, {8, 9}, {9, 10}, {1, 11}, {11, 12},
    {12, 13}, {1, 0}, {0, 14}, {14, 16}, {0, 15}, {15, 17}
  };

  /** Round the circle of colours in steps of 20 degrees, without the last one. */
  private static final int[] COLOURS = {
    0xff0000, 0xff5500, 0xffaa00, 0xffff00, 0xaaff00, 0x55ff00, 0x00ff00, 0x00ff55, 0x00ffaa,
    0x00ffff, 0x00aaff, 0x0055ff, 0x0000ff, 0x5500ff, 0xaa00ff, 0xff00ff, 0xff00aa, 0xff0055
  };

  private static final int FINGERS = 5;
  private static final int FINGER_JOINTS = 4;
  private static final int RADIUS = 4;
  private static final int FACE_RADIUS = 3;
  private static final int STICK = 4;
  private static final double SHARE = 0.6;

  BufferedImage draw(Poses poses) {
    OpenCv.load();
    try (MatScope scope = new MatScope()) {
      Mat canvas = scope.keep(Mat.zeros(poses.height(), poses.width(), CvType.CV_8UC3));
      if (blended && body) {
        blend(canvas, poses.people());
      }
      for (Person person : poses.people()) {
        if (body && !blended) {
          limbs(canvas, person.body());
          joints(canvas, person.body());
        }
        if (hands) {
          hand(canvas, person.leftHand());
          hand(canvas, person.rightHand());
        }
        if (face) {
          face(canvas, person.face());
        }
      }
      return OpenCv.toImage(canvas);
    }
  }

  private static void limbs(Mat canvas, List<Keypoint> body) {
    for (int limb = 0; limb < LIMBS.length && !body.isEmpty(); limb++) {
      fillLimb(canvas, body, limb, SHARE);
    }
  }

  private static void joints(Mat canvas, List<Keypoint> body) {
    for (int i = 0; i < body.size(); i++) {
      joint(canvas, body, i);
    }
  }

  private static void joint(Mat canvas, List<Keypoint> body, int part) {
    Keypoint point = body.get(part);
    if (point.isPresent()) {
      Imgproc.circle(canvas, whole(point), RADIUS, colour(COLOURS[part], 1), Imgproc.FILLED);
    }
  }

  private static void blend(Mat canvas, List<Person> people) {
    List<List<Keypoint>> bodies =
        people.stream().map(Person::body).filter(points -> !points.isEmpty()).toList();
    for (int part = 0; part < COLOURS.length; part++) {
      for (List<Keypoint> points : bodies) {
        joint(canvas, points, part);
      }
    }
    try (MatScope scope = new MatScope()) {
      Mat above = scope.create();
      for (int limb = 0; limb < LIMBS.length; limb++) {
        for (List<Keypoint> points : bodies) {
          canvas.copyTo(above);
          fillLimb(above, points, limb, 1);
          Core.addWeighted(canvas, 1 - SHARE, above, SHARE, 0, canvas);
        }
      }
    }
  }

  /** An ellipse from joint to joint. */
  private static void fillLimb(Mat canvas, List<Keypoint> body, int limb, double brightness) {
    Keypoint start = body.get(LIMBS[limb][0]);
    Keypoint end = body.get(LIMBS[limb][1]);
    if (!start.isPresent() || !end.isPresent()) {
      return;
    }
    double dx = start.x() - end.x();
    double dy = start.y() - end.y();
    int half = (int) (Math.sqrt(dy * dy + dx * dx) / 2);
    Point middle = new Point((int) ((start.x() + end.x()) / 2), (int) ((start.y() + end.y()) / 2));
    MatOfPoint outline = new MatOfPoint();
    try {
      Imgproc.ellipse2Poly(
          middle,
          new Size(half, STICK),
          (int) Math.toDegrees(Math.atan2(dy, dx)),
          0,
          360,
          1,
          outline);
      Imgproc.fillConvexPoly(canvas, outline, colour(COLOURS[limb], brightness));
    } finally {
      outline.release();
    }
  }

  private void hand(Mat canvas, List<Keypoint> points) {
    int bones = FINGERS * FINGER_JOINTS;
    for (int bone = 0; bone < bones && !points.isEmpty(); bone++) {
      Keypoint start = points.get(bone % FINGER_JOINTS == 0 ? 0 : bone);
      Keypoint end = points.get(bone + 1);
      if (isInside(start) && isInside(end)) {
        Imgproc.line(canvas, whole(start), whole(end), hue((double) bone / bones), 2);
      }
    }
    for (Keypoint point : points) {
      if (blended || isInside(point)) {
        Imgproc.circle(canvas, whole(point), RADIUS, new Scalar(0, 0, 255), Imgproc.FILLED);
      }
    }
  }

  private static void face(Mat canvas, List<Keypoint> points) {
    for (Keypoint point : points) {
      if (isInside(point)) {
        Imgproc.circle(canvas, whole(point), FACE_RADIUS, Scalar.all(255), Imgproc.FILLED);
      }
    }
  }

  /** Points of hands and faces in the first row or column count as not found. */
  private static boolean isInside(Keypoint point) {
    return point.isPresent() && (int) point.x() > 0 && (int) point.y() > 0;
  }

  /**
   * A full colour by its share of the circle: red, yellow, green, cyan, blue, magenta. Many of the
   * levels lie halfway between two, so the order of the operations is that of matplotlib's
   * hsv_to_rgb.
   */
  private static Scalar hue(double share) {
    double place = share * 6;
    int sector = (int) place;
    double past = place - sector;
    double rising = (1 - (1 - past)) * 255;
    double falling = (1 - past) * 255;
    return switch (sector) {
      case 0 -> new Scalar(255, rising, 0);
      case 1 -> new Scalar(falling, 255, 0);
      case 2 -> new Scalar(0, 255, rising);
      case 3 -> new Scalar(0, falling, 255);
      case 4 -> new Scalar(rising, 0, 255);
      default -> new Scalar(255, 0, falling);
    };
  }

  private static Point whole(Keypoint point) {
    return new Point((int) point.x(), (int) point.y());
  }

  private static Scalar colour(int rgb, double brightness) {
    return new Scalar(
        (int) (Pixels.red(rgb) * brightness),
        (int) (Pixels.green(rgb) * brightness),
        (int) (Pixels.blue(rgb) * brightness));
  }
}
