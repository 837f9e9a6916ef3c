package io.github.controlnet.core.nn;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A convolution with its weights.
 *
 * @param name for messages
 * @param sizes of it
 * @param kernel [out, in / groups, side, side]
 * @param bias [out], where it has one
 */
public record Conv(String name, Convolution sizes, Parameter kernel, Optional<Parameter> bias) {

  /** A convolution whose weights are {@code weight} and {@code bias} of a scope. */
  public static Conv of(Scope scope, Convolution sizes) {
    return new Conv(
        scope.layer(),
        sizes,
        scope.parameter("weight", sizes.kernels()),
        sizes.bias() ? Optional.of(scope.parameter("bias", sizes.out())) : Optional.empty());
  }

  /** A convolution that keeps the size of the picture, of an odd side. */
  public static Conv of(Scope scope, int in, int out, int side) {
    return of(scope, Convolution.of(in, out, side));
  }

  public Value apply(Value x) {
    return apply(x, Activation.NONE);
  }

  public Value apply(Value x, Activation activation) {
    return write(x, Optional.empty(), Optional.empty(), activation);
  }

  /** Adds a row, [1, out], to the bias. */
  public Value shifted(Value x, Value shift) {
    shift.shape().require(name, 1, sizes.out());
    return write(x, Optional.of(shift), Optional.empty(), Activation.NONE);
  }

  /**
   * Adds the convolution to a sum.
   *
   * @param activation what happens to the sum
   */
  public Value addTo(Value sum, Value x, Activation activation) {
    sum.shape().require(name, 1, sizes.out());
    return write(x, Optional.empty(), Optional.of(sum), activation);
  }

  private Value write(Value x, Optional<Value> shift, Optional<Value> sum, Activation activation) {
    x.shape().require(name, 1, sizes.in());
    Shape result = Shape.maps(sizes.out()).with(0, x.shape().side(0));
    return x.method().add(new Op.Convolve(x, this, shift, sum, activation), Type.TENSOR, result);
  }

  List<Parameter> parameters() {
    return Stream.concat(Stream.of(kernel), bias.stream()).toList();
  }
}
