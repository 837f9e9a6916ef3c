package io.github.controlnet.annotators.pose;

import io.github.controlnet.annotators.pose.Bodies.Body;
import io.github.controlnet.annotators.pose.Bodies.Joint;
import io.github.controlnet.core.torch.FloatTensor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.opencv.core.Rect;

/**
 * Where the face of a body is, and where the points of a face are in its heat maps; as
 * controlnet_aux's open_pose/util.py and open_pose/face.py.
 */
final class Faces {
  private static final double LEAST_SIDE = 20;
  private static final float THRESHOLD = 0.05f;
  private static final double EYES = 3;
  private static final double EARS = 1.5;

  private Faces() {}

  /** The part of the picture with the face, when the nose and an eye or ear were found. */
  static Optional<Rect> place(Body body, int width, int height) {
    Joint nose = body.joint(0);
    if (nose == null) {
      return Optional.empty();
    }
    double reach =
        Math.max(
            Math.max(EYES * distance(nose, body.joint(14)), EYES * distance(nose, body.joint(15))),
            Math.max(EARS * distance(nose, body.joint(16)), EARS * distance(nose, body.joint(17))));
    double x = Math.max(0, nose.x() - reach);
    double y = Math.max(0, nose.y() - reach);
    double side =
        Math.min(
            x + reach > width ? width - x : 2 * reach, y + reach > height ? height - y : 2 * reach);
    if (side < LEAST_SIDE) {
      return Optional.empty();
    }
    int left = (int) x;
    int top = (int) y;
    return Optional.of(
        new Rect(
            left, top, Math.min((int) side, width - left), Math.min((int) side, height - top)));
  }

  private static double distance(Joint nose, @Nullable Joint other) {
    return other == null
        ? 0
        : Math.max(Math.abs(nose.x() - other.x()), Math.abs(nose.y() - other.y()));
  }

  /**
   * Finds the greatest value of a heat map that is enlarged bilinearly, corner to corner.
   *
   * @return its row and column, or null when it does not exceed the threshold
   */
  static int @Nullable [] peak(FloatTensor output, int channel, int rows, int columns) {
    int smallRows = output.side(2);
    int smallColumns = output.side(3);
    int plane = channel * smallRows * smallColumns;
    float[] values = output.values();
    float rowScale = scale(smallRows, rows);
    float columnScale = scale(smallColumns, columns);
    int[] place = new int[2];
    float greatest = THRESHOLD;
    boolean found = false;
    for (int y = 0; y < rows; y++) {
      float atRow = rowScale * y;
      int row = (int) atRow;
      int nextRow = Math.min(row + 1, smallRows - 1);
      float below = atRow - row;
      for (int x = 0; x < columns; x++) {
        float atColumn = columnScale * x;
        int column = (int) atColumn;
        int nextColumn = Math.min(column + 1, smallColumns - 1);
        float right = atColumn - column;
        float upper =
            (1 - right) * values[plane + row * smallColumns + column]
                + right * values[plane + row * smallColumns + nextColumn];
        float lower =
            (1 - right) * values[plane + nextRow * smallColumns + column]
                + right * values[plane + nextRow * smallColumns + nextColumn];
        float value = (1 - below) * upper + below * lower;
        if (value > greatest) {
          greatest = value;
          place[0] = y;
          place[1] = x;
          found = true;
        }
      }
    }
    return found ? place : null;
  }

  private static float scale(int small, int large) {
    return large > 1 ? (small - 1f) / (large - 1f) : 0;
  }
}
