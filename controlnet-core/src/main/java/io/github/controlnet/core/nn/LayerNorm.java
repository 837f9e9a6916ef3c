package io.github.controlnet.core.nn;

import java.util.List;

/**
 * Layer norm of the last axis.
 *
 * @param name for messages
 * @param width of the axis
 * @param epsilon added to the variance
 */
public record LayerNorm(String name, int width, double epsilon, Parameter weight, Parameter bias) {

  public static LayerNorm of(Scope scope, int width, double epsilon) {
    return new LayerNorm(
        scope.layer(),
        width,
        epsilon,
        scope.parameter("weight", width),
        scope.parameter("bias", width));
  }

  public Value apply(Value x) {
    x.shape().require(name, -1, width);
    Method method = x.method();
    return method.apply(
        Operator.LAYER_NORM,
        Type.TENSOR,
        x.shape(),
        x,
        List.of(width),
        method.read(weight),
        method.read(bias),
        epsilon);
  }
}
