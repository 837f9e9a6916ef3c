package io.github.controlnet.core.nn;

import java.util.List;

/**
 * What a method of a network is called with: the one place that says names, types and order.
 *
 * @param name of the method
 * @param arguments in order
 * @param result what it returns
 */
public record Signature(String name, List<Argument> arguments, Type result) {
  /** A named argument. */
  public record Argument(String name, Type type) {}

  public Signature {
    arguments = List.copyOf(arguments);
  }

  /** A method that returns a tensor. */
  public static Signature of(String name, Argument... arguments) {
    return new Signature(name, List.of(arguments), Type.TENSOR);
  }

  /**
   * Returns an argument by its name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public Argument argument(String wanted) {
    return arguments.stream()
        .filter(argument -> argument.name().equals(wanted))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("%s takes no %s".formatted(name, wanted)));
  }

  /** Returns the same with another result. */
  public Signature returning(Type type) {
    return new Signature(name, arguments, type);
  }

  public static Argument tensor(String name) {
    return new Argument(name, Type.TENSOR);
  }

  public static Argument indices(String name) {
    return new Argument(name, Type.INDICES);
  }

  public static Argument tensors(String name) {
    return new Argument(name, Type.TENSORS);
  }

  public static Argument whole(String name) {
    return new Argument(name, Type.WHOLE);
  }

  public static Argument real(String name) {
    return new Argument(name, Type.REAL);
  }

  public static Argument wholes(String name) {
    return new Argument(name, Type.WHOLES);
  }

  public static Argument reals(String name) {
    return new Argument(name, Type.REALS);
  }
}
