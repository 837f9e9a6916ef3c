package io.github.controlnet.core.torch;

import java.util.List;

/**
 * How a weight is laid out anew when it is loaded, instead of as its file has it.
 *
 * @param method the module's method that does it; it takes the weight's name, the values in the
 *     type of the file and the numbers
 * @param numbers what the method says they are
 */
record Packing(String method, List<Long> numbers) {
  Packing {
    numbers = List.copyOf(numbers);
  }

  static Packing of(String method, Long... numbers) {
    return new Packing(method, List.of(numbers));
  }

  long[] values() {
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }
}
