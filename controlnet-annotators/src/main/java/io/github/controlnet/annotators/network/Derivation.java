package io.github.controlnet.annotators.network;

import java.util.List;
import java.util.function.Function;

/**
 * A weight that is computed from stored ones when it is loaded.
 *
 * @param shape of the weight
 * @param parts the stored ones
 * @param formula from the values of the parts, in their order, to those of the weight
 */
record Derivation(List<Long> shape, List<Part> parts, Function<List<float[]>, float[]> formula) {

  /** A stored weight that must be there. */
  record Part(String name, List<Long> shape) {
    static Part of(String name, Long... shape) {
      return new Part(name, List.of(shape));
    }
  }
}
