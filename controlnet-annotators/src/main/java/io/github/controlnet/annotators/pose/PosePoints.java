package io.github.controlnet.annotators.pose;

import io.github.controlnet.annotators.pose.Bodies.Joint;
import io.github.controlnet.pose.Keypoint;
import org.jspecify.annotations.Nullable;
import org.opencv.core.Mat;
import org.opencv.core.Rect;

/**
 * Points in pixels, which the original keeps as shares of the picture: what that rounds decides
 * into which pixel a point falls.
 */
final class PosePoints {
  private PosePoints() {}

  /** A joint of a body, in float64. */
  static Keypoint joint(@Nullable Joint joint, Mat photo) {
    return joint == null
        ? Keypoint.MISSING
        : Keypoint.at(
            (double) joint.x() / photo.cols() * photo.cols(),
            (double) joint.y() / photo.rows() * photo.rows());
  }

  /** A point of a hand or face, in float32; the part's first row and column count as missing. */
  static Keypoint inPart(int x, int y, Rect part, Mat photo) {
    return x == 0 || y == 0
        ? Keypoint.MISSING
        : Keypoint.at(share(x + part.x, photo.cols()), share(y + part.y, photo.rows()));
  }

  private static float share(int at, int side) {
    return (float) at / side * side;
  }
}
