package io.github.controlnet.core.nn;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;

/** Finds the values that depend on some of the parameters. */
public final class Dependence {
  private Dependence() {}

  /** The values of a method that depend on a parameter of which the condition holds. */
  public static Set<Value> on(Predicate<Parameter> parameters, Method method) {
    Set<Value> found = new HashSet<>();
    for (Value value : method.values()) {
      if (value.op().parameters().stream().anyMatch(parameters)
          || value.op().reads().stream().anyMatch(found::contains)) {
        found.add(value);
      }
    }
    return found;
  }
}
