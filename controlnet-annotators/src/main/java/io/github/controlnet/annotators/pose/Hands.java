package io.github.controlnet.annotators.pose;

import io.github.controlnet.annotators.pose.Bodies.Body;
import io.github.controlnet.annotators.pose.Bodies.Joint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.opencv.core.Rect;

/**
 * Where the hands of a body are, and where the points of a hand are in its heat maps; as
 * controlnet_aux's open_pose/util.py and open_pose/hand.py.
 */
final class Hands {
  static final int POINTS = 21;

  /** Rows and columns of the heat maps. */
  static final int SIDE = 128;

  private static final double BEYOND_WRIST = 0.33;
  private static final double LEAST_SIDE = 20;
  private static final double THRESHOLD = 0.05;
  private static final GaussianFilter BLUR = new GaussianFilter(3);

  private Hands() {}

  /** The square around the left hand, when the whole arm was found. */
  static Optional<Rect> left(Body body, int width, int height) {
    return square(body.joint(5), body.joint(6), body.joint(7), width, height);
  }

  /** The square around the right hand, when the whole arm was found. */
  static Optional<Rect> right(Body body, int width, int height) {
    return square(body.joint(2), body.joint(3), body.joint(4), width, height);
  }

  private static Optional<Rect> square(
      @Nullable Joint shoulder,
      @Nullable Joint elbow,
      @Nullable Joint wrist,
      int width,
      int height) {
    if (shoulder == null || elbow == null || wrist == null) {
      return Optional.empty();
    }
    double lower = Math.hypot(wrist.x() - elbow.x(), wrist.y() - elbow.y());
    double upper = Math.hypot(elbow.x() - shoulder.x(), elbow.y() - shoulder.y());
    double side = 1.5 * Math.max(lower, 0.9 * upper);
    double x = Math.max(0, wrist.x() + BEYOND_WRIST * (wrist.x() - elbow.x()) - side / 2);
    double y = Math.max(0, wrist.y() + BEYOND_WRIST * (wrist.y() - elbow.y()) - side / 2);
    side = Math.min(Math.min(side, width - x), Math.min(side, height - y));
    return side < LEAST_SIDE
        ? Optional.empty()
        : Optional.of(new Rect((int) x, (int) y, (int) side, (int) side));
  }

  /**
   * Finds the point of one heat map: the greatest value in the patch of the largest sum.
   *
   * @param map {@link #SIDE} rows and columns
   * @return its row and column, or null
   */
  static int @Nullable [] peak(double[] map) {
    double[] blurred = BLUR.of(map, SIDE, SIDE);
    int[] patches = new int[map.length];
    int count = 0;
    int best = 0;
    double bestSum = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < map.length; i++) {
      if (blurred[i] > THRESHOLD && patches[i] == 0) {
        double sum = fill(blurred, patches, i, ++count, map);
        if (sum > bestSum) {
          bestSum = sum;
          best = count;
        }
      }
    }
    if (count == 0) {
      return null;
    }
    int greatest = 0;
    double greatestValue = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < map.length; i++) {
      double value = patches[i] == best ? map[i] : 0;
      if (value > greatestValue) {
        greatestValue = value;
        greatest = i;
      }
    }
    return new int[] {greatest / SIDE, greatest % SIDE};
  }

  /** Numbers the patch around a place, corners included, and sums its values. */
  private static double fill(double[] blurred, int[] patches, int start, int number, double[] map) {
    List<Integer> open = new ArrayList<>(List.of(start));
    patches[start] = number;
    double sum = 0;
    while (!open.isEmpty()) {
      int at = open.remove(open.size() - 1);
      sum += map[at];
      for (int y = Math.max(0, at / SIDE - 1); y <= Math.min(SIDE - 1, at / SIDE + 1); y++) {
        for (int x = Math.max(0, at % SIDE - 1); x <= Math.min(SIDE - 1, at % SIDE + 1); x++) {
          int next = y * SIDE + x;
          if (patches[next] == 0 && blurred[next] > THRESHOLD) {
            patches[next] = number;
            open.add(next);
          }
        }
      }
    }
    return sum;
  }
}
