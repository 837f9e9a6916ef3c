package io.github.controlnet.core.nn;

/**
 * Batch norm by the stored mean and variance.
 *
 * @param name for messages
 * @param channels of the maps
 * @param epsilon added to the variance
 */
public record BatchNorm(
    String name,
    int channels,
    double epsilon,
    Parameter weight,
    Parameter bias,
    Parameter mean,
    Parameter variance) {

  public static BatchNorm of(Scope scope, int channels, double epsilon) {
    return new BatchNorm(
        scope.layer(),
        channels,
        epsilon,
        scope.parameter("weight", channels),
        scope.parameter("bias", channels),
        scope.parameter("running_mean", channels),
        scope.parameter("running_var", channels));
  }

  public Value apply(Value x) {
    x.shape().require(name, 1, channels);
    Method method = x.method();
    return method.apply(
        Operator.BATCH_NORM,
        Type.TENSOR,
        x.shape(),
        x,
        method.read(weight),
        method.read(bias),
        method.read(mean),
        method.read(variance),
        false,
        0.,
        epsilon,
        false);
  }
}
