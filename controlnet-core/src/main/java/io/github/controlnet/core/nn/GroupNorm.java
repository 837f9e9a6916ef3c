package io.github.controlnet.core.nn;

/**
 * Group norm of feature maps.
 *
 * @param name for messages
 * @param channels of the maps
 * @param groups of channels
 * @param epsilon added to the variance
 */
public record GroupNorm(
    String name, int channels, int groups, double epsilon, Parameter weight, Parameter bias) {

  public static GroupNorm of(Scope scope, int channels, int groups, double epsilon) {
    Shape.requireDivides(scope.layer(), channels, groups, "groups");
    return new GroupNorm(
        scope.layer(),
        channels,
        groups,
        epsilon,
        scope.parameter("weight", channels),
        scope.parameter("bias", channels));
  }

  public Value apply(Value x) {
    x.shape().require(name, 1, channels);
    Method method = x.method();
    return method.apply(
        Operator.GROUP_NORM,
        Type.TENSOR,
        x.shape(),
        x,
        groups,
        method.read(weight),
        method.read(bias),
        epsilon);
  }
}
