package io.github.controlnet.pose;

import java.util.List;

/**
 * The people in an image.
 *
 * @param width of the canvas in pixels
 * @param height of the canvas in pixels
 * @param people may be empty
 */
public record Poses(int width, int height, List<Person> people) {
  private static final int LARGEST = 16_384;

  /** How many canvases a point may be away from the canvas. */
  private static final int FARTHEST = 4;

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException when a side is not from 1 to 16384, or a point is more than
   *     four times the longer side away from the left or upper side: drawing its limbs would not
   *     end
   */
  public Poses {
    if (Math.min(width, height) < 1 || Math.max(width, height) > LARGEST) {
      throw new IllegalArgumentException(
          "The canvas of the poses is %d x %d; expected sides from 1 to %d."
              .formatted(width, height, LARGEST));
    }
    people = List.copyOf(people);
    double farthest = FARTHEST * (double) Math.max(width, height);
    for (int i = 0; i < people.size(); i++) {
      Person person = people.get(i);
      check("body", i, person.body(), farthest);
      check("left hand", i, person.leftHand(), farthest);
      check("right hand", i, person.rightHand(), farthest);
      check("face", i, person.face(), farthest);
    }
  }

  private static void check(String part, int person, List<Keypoint> points, double farthest) {
    for (Keypoint point : points) {
      if (point.isPresent() && Math.max(Math.abs(point.x()), Math.abs(point.y())) > farthest) {
        throw new IllegalArgumentException(
            "The poses' person %d has a point of the %s at (%s, %s), far outside the canvas; expected coordinates from %.0f to %.0f. Leave the point out, with confidence 0."
                .formatted(person, part, point.x(), point.y(), -farthest, farthest));
      }
    }
  }
}
