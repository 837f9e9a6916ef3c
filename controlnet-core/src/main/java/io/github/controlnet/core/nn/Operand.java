package io.github.controlnet.core.nn;

import java.util.List;
import java.util.stream.Stream;

/** What an operator takes: a value, a constant, or several of these. */
public sealed interface Operand
    permits Value,
        Operand.Whole,
        Operand.Real,
        Operand.Flag,
        Operand.Several,
        Operand.Named,
        Operand.Symbol {

  /** A number that is known when the graph is written. */
  record Whole(long number) implements Operand {}

  /** A number that is known when the graph is written. */
  record Real(double number) implements Operand {}

  record Flag(boolean value) implements Operand {}

  record Several(List<Operand> parts) implements Operand {
    public Several {
      parts = List.copyOf(parts);
    }
  }

  /** An operand that is passed by its name. */
  record Named(String name, Operand operand) implements Operand {}

  /** What the lowering knows. */
  enum Symbol implements Operand {
    /** In the place of an operand that is not there. */
    NONE,
    /** Where the network is computed. */
    DEVICE,
    /** The type of activations. */
    ACTIVATIONS,
    FLOAT32,
    INT32,
    INT64,
    CHANNELS_LAST
  }

  /** Returns a constant or a list of operands as an operand. */
  static Operand of(Object object) {
    if (object instanceof Operand operand) {
      return operand;
    }
    if (object instanceof Integer || object instanceof Long) {
      return new Whole(((Number) object).longValue());
    }
    if (object instanceof Double real) {
      return new Real(real);
    }
    if (object instanceof Boolean flag) {
      return new Flag(flag);
    }
    if (object instanceof List<?> list) {
      return new Several(list.stream().map(Operand::of).toList());
    }
    throw new IllegalArgumentException(object.getClass().getName());
  }

  /** The values in it. */
  static Stream<Value> values(Operand operand) {
    if (operand instanceof Value value) {
      return Stream.of(value);
    }
    if (operand instanceof Several several) {
      return several.parts().stream().flatMap(Operand::values);
    }
    return operand instanceof Named named ? values(named.operand()) : Stream.empty();
  }
}
