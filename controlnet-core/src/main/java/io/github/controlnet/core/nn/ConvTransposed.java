package io.github.controlnet.core.nn;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A transposed convolution with its weights; the picture grows by the stride.
 *
 * @param name for messages
 * @param sizes of it
 * @param outputPadding rows and columns more
 * @param kernel [in, out / groups, side, side]
 * @param bias [out], where it has one
 */
public record ConvTransposed(
    String name, Convolution sizes, int outputPadding, Parameter kernel, Optional<Parameter> bias) {

  /** One whose weights are {@code weight} and {@code bias} of a scope. */
  public static ConvTransposed of(Scope scope, Convolution sizes, int outputPadding) {
    return new ConvTransposed(
        scope.layer(),
        sizes,
        outputPadding,
        scope.parameter("weight", sizes.transposedKernels()),
        sizes.bias() ? Optional.of(scope.parameter("bias", sizes.out())) : Optional.empty());
  }

  public Value apply(Value x) {
    return apply(x, Activation.NONE);
  }

  public Value apply(Value x, Activation activation) {
    x.shape().require(name, 1, sizes.in());
    Shape result = Shape.maps(sizes.out()).with(0, x.shape().side(0));
    return x.method().add(new Op.ConvolveTransposed(x, this, activation), Type.TENSOR, result);
  }

  List<Parameter> parameters() {
    return Stream.concat(Stream.of(kernel), bias.stream()).toList();
  }
}
