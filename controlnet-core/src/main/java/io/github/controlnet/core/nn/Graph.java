package io.github.controlnet.core.nn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A network: its parameters and its methods. */
public final class Graph {
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final List<Method> methods = new ArrayList<>();

  /** The scope of all names. */
  public Scope scope() {
    return new Scope(this, "");
  }

  /** Starts a method; it is part of the graph from now on. */
  public Method method(Signature signature) {
    Method method = new Method(signature);
    methods.add(method);
    return method;
  }

  public List<Method> methods() {
    return Collections.unmodifiableList(methods);
  }

  Parameter add(Parameter parameter) {
    Parameter before = parameters.putIfAbsent(parameter.name(), parameter);
    if (before != null && !before.shape().equals(parameter.shape())) {
      throw new IllegalStateException(
          "%s is read as %s and as %s"
              .formatted(parameter.name(), before.shape(), parameter.shape()));
    }
    return before == null ? parameter : before;
  }

  /** The parameters by name, in the order in which the network's layers were made. */
  public Map<String, Parameter> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /** The names and shapes of the parameters. */
  public Map<String, List<Long>> shapes() {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    parameters.forEach((name, parameter) -> shapes.put(name, parameter.shape()));
    return Collections.unmodifiableMap(shapes);
  }
}
