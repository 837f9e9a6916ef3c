package io.github.controlnet.core.models;

import io.github.controlnet.core.nn.Conv;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.GroupNorm;
import io.github.controlnet.core.nn.Linear;
import io.github.controlnet.core.nn.Scope;
import io.github.controlnet.core.nn.Value;
import java.util.Optional;

/**
 * Two convolutions beside what they see.
 *
 * @param time the projection of the time embedding, where there is one
 * @param shortcut where the widths differ
 */
record ResidualBlock(
    GroupNorm norm1,
    Conv conv1,
    Optional<Linear> time,
    GroupNorm norm2,
    Conv conv2,
    Optional<Conv> shortcut) {

  /** The sizes that all blocks of a network share; a time of width 0 is none. */
  record Sizes(int groups, double epsilon, int timeWidth) {}

  static ResidualBlock of(Scope scope, int in, int out, Sizes sizes) {
    return new ResidualBlock(
        GroupNorm.of(scope.at("norm1"), in, sizes.groups(), sizes.epsilon()),
        Conv.of(scope.at("conv1"), in, out, 3),
        sizes.timeWidth() == 0
            ? Optional.empty()
            : Optional.of(Linear.of(scope.at("time_emb_proj"), sizes.timeWidth(), out)),
        GroupNorm.of(scope.at("norm2"), out, sizes.groups(), sizes.epsilon()),
        Conv.of(scope.at("conv2"), out, out, 3),
        in == out
            ? Optional.empty()
            : Optional.of(Conv.of(scope.at("conv_shortcut"), Convolution.of(in, out, 1))));
  }

  /** Without a time. */
  Value apply(Value x) {
    return second(x, conv1.apply(norm1.apply(x).silu()));
  }

  /**
   * With a time.
   *
   * @param embedding activated: [1, width] for all images, or one row for each
   */
  Value apply(Value x, Value embedding) {
    Linear projection = time.orElseThrow();
    Value h = norm1.apply(x).silu();
    if (embedding.shape().side(0) == 1) {
      // one timestep for the whole batch: it joins the bias, not the feature map
      return second(x, conv1.shifted(h, projection.apply(embedding)));
    }
    Value first = conv1.apply(h);
    return second(x, first.plus(projection.apply(embedding).unsqueeze(-1).unsqueeze(-1)));
  }

  private Value second(Value x, Value first) {
    Value h = conv2.apply(norm2.apply(first).silu());
    return h.plus(shortcut.isPresent() ? shortcut.get().apply(x) : x);
  }
}
