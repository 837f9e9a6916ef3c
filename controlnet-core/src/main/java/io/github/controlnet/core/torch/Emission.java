package io.github.controlnet.core.torch;

import io.github.controlnet.core.nn.LastUse;
import io.github.controlnet.core.nn.Method;
import io.github.controlnet.core.nn.Operand;
import io.github.controlnet.core.nn.Parameter;
import io.github.controlnet.core.nn.Value;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Lines of TorchScript that are being written for a graph, and the weights that they read. */
public final class Emission {
  /** In the place of a tensor that is not there. */
  static final Expression NONE = Expression.text("None");

  private final Target target;
  private final Map<String, List<Long>> weights = new LinkedHashMap<>();
  private final Map<String, Packing> packings = new LinkedHashMap<>();
  private final Map<Value, Expression> values = new HashMap<>();
  private Set<Value> overwriting = Set.of();
  private Lines lines = new Lines();
  private int variables;

  public Emission(Target target) {
    this.target = target;
  }

  /** Writes a method, undivided or divided at its cuts. */
  Lines lower(Method method) {
    List<List<Value>> segments = target.divided() ? method.segments() : List.of(method.values());
    return lower(method, segments, LastUse.in(method));
  }

  /**
   * Writes a method.
   *
   * @param segments its values, divided
   * @param changing those whose operators may write over an operand
   */
  public Lines lower(Method method, List<List<Value>> segments, Set<Value> changing) {
    lines = new Lines();
    overwriting = changing;
    for (List<Value> segment : segments) {
      lines.cut();
      for (Value value : segment) {
        Expression expression = target.lower(value, this);
        values.put(value, expression.isAtom() ? expression : let(expression));
      }
    }
    method.results().forEach(value -> lines.need(of(value)));
    return lines;
  }

  /** Names the value of an expression. */
  public Expression let(Expression expression) {
    String name = "v" + variables++;
    lines.add(name, expression);
    return new Expression.Variable(name);
  }

  /** The expression of a value that was written before. */
  public Expression of(Value value) {
    return Objects.requireNonNull(values.get(value), value::toString);
  }

  /** The expression of an operand. */
  Expression of(Operand operand) {
    if (operand instanceof Value value) {
      return of(value);
    }
    if (operand instanceof Operand.Several several) {
      return new Expression.Sequence(several.parts().stream().map(this::of).toList());
    }
    if (operand instanceof Operand.Named named) {
      return new Expression.Named(named.name(), of(named.operand()));
    }
    if (operand instanceof Operand.Whole whole) {
      return Expression.of(whole.number());
    }
    if (operand instanceof Operand.Real real) {
      return Expression.of(real.number());
    }
    return operand instanceof Operand.Flag flag
        ? Expression.of(flag.value())
        : target.symbol((Operand.Symbol) operand);
  }

  /** Tells whether the operator of a value may write over the operand that it would change. */
  public boolean overwrites(Value value) {
    return overwriting.contains(value);
  }

  /** A weight as it was loaded. */
  public Expression weight(Parameter parameter) {
    weights.put(parameter.name(), parameter.shape());
    return new Expression.Weight(parameter.name());
  }

  /** A weight of a convolution or a linear layer, in the type of activations. */
  public Expression operand(Parameter parameter) {
    Expression weight = weight(parameter);
    return target.converts(parameter)
        ? let(Expression.call("torch.to", weight, target.dtype()))
        : weight;
  }

  /** A weight that is laid out anew when it is loaded. */
  Expression packed(Packing packing, Parameter parameter) {
    return packed(packing, parameter, parameter.shape());
  }

  /** A weight that is laid out anew when it is loaded, and seen in another shape before. */
  Expression packed(Packing packing, Parameter parameter, List<Long> shape) {
    Packing before = packings.put(parameter.name(), packing);
    if (before != null && !before.equals(packing)) {
      throw new IllegalStateException(
          "%s is read as %s and as %s".formatted(parameter.name(), before, packing));
    }
    weights.put(parameter.name(), shape);
    return new Expression.Weight(parameter.name());
  }

  Target target() {
    return target;
  }

  /** The names and shapes of the weights that were read, in the order of reading. */
  public Map<String, List<Long>> weights() {
    return Collections.unmodifiableMap(weights);
  }

  Map<String, Packing> packings() {
    return Map.copyOf(packings);
  }
}
