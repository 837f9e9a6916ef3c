package io.github.controlnet.pose;

import io.github.controlnet.InvalidRequestException;
import java.util.List;

/**
 * The people in a picture.
 *
 * @param width of the canvas in pixels
 * @param height of the canvas in pixels
 * @param people may be empty
 */
public record Poses(int width, int height, List<Person> people) {
  private static final int LARGEST = 16_384;

  /**
   * Copies the list.
   *
   * @throws InvalidRequestException when a side is not from 1 to 16384
   */
  public Poses {
    if (Math.min(width, height) < 1 || Math.max(width, height) > LARGEST) {
      throw new InvalidRequestException(
          "The canvas of the poses is %d x %d; expected sides from 1 to %d."
              .formatted(width, height, LARGEST));
    }
    people = List.copyOf(people);
  }
}
