package io.github.controlnet.core.nn;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A linear layer.
 *
 * @param name for messages
 * @param in width of what it takes
 * @param out width of what it gives
 * @param kernel [out, in]
 * @param bias [out], where it has one
 */
public record Linear(String name, int in, int out, Parameter kernel, Optional<Parameter> bias) {

  /** A layer whose weights are {@code weight} and {@code bias} of a scope. */
  public static Linear of(Scope scope, int in, int out) {
    return new Linear(
        scope.layer(),
        in,
        out,
        scope.parameter("weight", out, in),
        Optional.of(scope.parameter("bias", out)));
  }

  public static Linear withoutBias(Scope scope, int in, int out) {
    return new Linear(scope.layer(), in, out, scope.parameter("weight", out, in), Optional.empty());
  }

  public Value apply(Value x) {
    return write(x, Optional.empty());
  }

  /** With a bias that was computed. */
  public Value apply(Value x, Value computed) {
    return write(x, Optional.of(computed));
  }

  private Value write(Value x, Optional<Value> computed) {
    x.shape().require(name, -1, in);
    return x.method().add(new Op.Project(x, this, computed), Type.TENSOR, x.shape().with(-1, out));
  }

  List<Parameter> parameters() {
    return Stream.concat(Stream.of(kernel), bias.stream()).toList();
  }
}
