package io.github.controlnet.pose;

/**
 * A joint, a point of a hand or of a face.
 *
 * @param x in pixels from the left side of the canvas
 * @param y in pixels from its upper side
 * @param confidence 0 when the point was not found, else more than 0, as a rule 1 at the most
 */
public record Keypoint(double x, double y, double confidence) {
  /** Stands for a point that was not found. */
  public static final Keypoint MISSING = new Keypoint(0, 0, 0);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException when one is not finite or the confidence is negative
   */
  public Keypoint {
    if (!Double.isFinite(x) || !Double.isFinite(y) || !(confidence >= 0)) {
      throw new IllegalArgumentException(
          "A keypoint is (%s, %s) with confidence %s; expected finite numbers and a confidence of 0 or more."
              .formatted(x, y, confidence));
    }
  }

  /**
   * Describes a point that was found for sure.
   *
   * @param x in pixels
   * @param y in pixels
   * @return the point, with confidence 1
   */
  public static Keypoint at(double x, double y) {
    return new Keypoint(x, y, 1);
  }

  /**
   * Tells whether the point was found.
   *
   * @return whether the confidence is more than 0
   */
  public boolean isPresent() {
    return confidence > 0;
  }
}
