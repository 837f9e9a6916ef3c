package io.github.controlnet.core.nn;

import java.util.List;
import java.util.Optional;

/**
 * A weight of a network.
 *
 * @param name by which it is stored
 * @param shape of it
 * @param derivation how it is computed from stored weights, where it is not stored itself
 */
public record Parameter(String name, List<Long> shape, Optional<Derivation> derivation) {
  public Parameter {
    shape = List.copyOf(shape);
  }

  /** How many numbers it has. */
  public long count() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }
}
