package io.github.controlnet.core.nn;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Where the names of parameters begin alike.
 *
 * @param graph gets the parameters
 * @param prefix what the names begin with: "", or words that each end in a dot
 */
public record Scope(Graph graph, String prefix) {

  /** Returns the scope of a part, whose name may have dots itself. */
  public Scope at(Object part) {
    return new Scope(graph, prefix + part + ".");
  }

  /** The name of a layer here, for messages. */
  public String layer() {
    return prefix.isEmpty() ? "the network" : prefix.substring(0, prefix.length() - 1);
  }

  public Parameter parameter(String name, long... shape) {
    return add(name, Optional.empty(), shape);
  }

  /** A parameter that is computed when it is loaded. */
  public Parameter derived(String name, Derivation derivation, long... shape) {
    return add(name, Optional.of(derivation), shape);
  }

  private Parameter add(String name, Optional<Derivation> derivation, long... shape) {
    List<Long> sides = Arrays.stream(shape).boxed().toList();
    return graph.add(new Parameter(prefix + name, sides, derivation));
  }
}
