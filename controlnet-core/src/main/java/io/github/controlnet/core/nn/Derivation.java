package io.github.controlnet.core.nn;

import java.util.List;
import java.util.function.Function;

/**
 * How a weight is computed from stored ones when it is loaded.
 *
 * @param parts the stored ones
 * @param formula from the values of the parts, in their order, to those of the weight
 */
public record Derivation(List<Part> parts, Function<List<float[]>, float[]> formula) {
  public Derivation {
    parts = List.copyOf(parts);
  }

  /** A stored weight that must be there. */
  public record Part(String name, List<Long> shape) {
    public static Part of(String name, Long... shape) {
      return new Part(name, List.of(shape));
    }
  }
}
