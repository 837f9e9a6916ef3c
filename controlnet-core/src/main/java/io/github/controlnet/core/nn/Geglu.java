package io.github.controlnet.core.nn;

import java.util.List;

/**
 * GEGLU (Shazeer 2020, arXiv:2002.05202): the first half of a linear layer's result is the value,
 * the second the gate.
 *
 * @param projection the linear layer, twice as wide as the result
 */
public record Geglu(Linear projection) {

  public static Geglu of(Scope scope, int in, int hidden) {
    return new Geglu(Linear.of(scope, in, 2 * hidden));
  }

  /** The width of the result. */
  public int hidden() {
    return projection.out() / 2;
  }

  public Value apply(Value x) {
    x.shape().require(projection.name(), -1, projection.in());
    return x.method().add(new Op.Gate(x, this), Type.TENSOR, x.shape().with(-1, hidden()));
  }

  List<Parameter> parameters() {
    return projection.parameters();
  }
}
