package io.github.controlnet.core.nn;

import io.github.controlnet.exception.WeightsException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What is known of a tensor's sides when the graph is written.
 *
 * @param sides each a length or {@link #OPEN}; empty where not even their number is known
 */
public record Shape(List<Long> sides) {
  /** A side whose length only the call tells. */
  public static final long OPEN = -1;

  /** Nothing is known. */
  public static final Shape ANY = new Shape(List.of());

  public Shape {
    sides = List.copyOf(sides);
  }

  public static Shape of(long... sides) {
    return new Shape(Arrays.stream(sides).boxed().toList());
  }

  /** Pictures or feature maps [images, channels, rows, columns]. */
  public static Shape maps(long channels) {
    return of(OPEN, channels, OPEN, OPEN);
  }

  public boolean isKnown() {
    return !sides.isEmpty();
  }

  public int rank() {
    return sides.size();
  }

  /** Returns a side, counted from the end where negative, or {@link #OPEN}. */
  public long side(int axis) {
    int at = axis < 0 ? axis + rank() : axis;
    return at >= 0 && at < rank() ? sides.get(at) : OPEN;
  }

  /** Returns the shape with another length of one side. */
  public Shape with(int axis, long length) {
    if (!isKnown()) {
      return this;
    }
    List<Long> changed = new ArrayList<>(sides);
    changed.set(axis < 0 ? axis + rank() : axis, length);
    return new Shape(changed);
  }

  /** Returns what an operator on single values makes of two tensors. */
  Shape broadcast(Shape other) {
    if (!isKnown() || !other.isKnown()) {
      return ANY;
    }
    int rank = Math.max(rank(), other.rank());
    List<Long> result = new ArrayList<>();
    for (int axis = -rank; axis < 0; axis++) {
      long mine = -axis > rank() ? 1 : side(axis);
      long others = -axis > other.rank() ? 1 : other.side(axis);
      // a side that is open is taken to be longer than 1
      result.add(mine == 1 || (mine == OPEN && others != 1) ? others : mine);
    }
    return new Shape(result);
  }

  /** Tells whether a result of another shape surely fits where a tensor of this shape lies. */
  boolean holds(Shape result) {
    if (result.rank() != rank()) {
      return false;
    }
    for (int axis = 0; axis < rank(); axis++) {
      if (side(axis) != OPEN && side(axis) != result.side(axis)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Fails where a side is known to have another length.
   *
   * @param layer its name
   * @param width what it takes
   * @throws WeightsException naming the layer
   */
  void require(String layer, int axis, long width) {
    long given = side(axis);
    if (given != OPEN && given != width) {
      throw new WeightsException(
          "%s takes %d channels, but is given %d; the file and its configuration do not belong together."
              .formatted(layer, width, given));
    }
  }

  /**
   * Fails where channels cannot be divided evenly.
   *
   * @param what has the channels
   * @param parts how many they are divided into
   * @param by what the parts are called
   * @throws WeightsException when they cannot
   */
  public static void requireDivides(String what, int channels, int parts, String by) {
    if (parts < 1 || channels % parts != 0) {
      throw new WeightsException(
          "%s has %d channels, which %d %s do not divide; check the number of %s in config.json."
              .formatted(what, channels, parts, by, by));
    }
  }
}
