package io.github.controlnet.core.models;

import io.github.controlnet.core.nn.Scope;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.UNetSpec;
import java.util.Optional;
import java.util.stream.Stream;

/** A residual block and, where there is attention, a transformer. */
record Stage(ResidualBlock residual, Optional<Transformer> transformer) {

  /** Number {@code index} of a level. */
  static Stage of(Scope level, int index, int in, UNetSpec.Level sizes, UNetSpec spec) {
    return new Stage(
        ResidualBlock.of(level.at("resnets." + index), in, sizes.channels(), sizes(spec)),
        transformer(
            level.at("attentions." + index), sizes.channels(), sizes.depth(), sizes.heads(), spec));
  }

  static ResidualBlock.Sizes sizes(UNetSpec spec) {
    return new ResidualBlock.Sizes(spec.groups(), spec.normEpsilon(), spec.timeWidth());
  }

  static Optional<Transformer> transformer(
      Scope scope, int channels, int depth, int heads, UNetSpec spec) {
    return depth == 0
        ? Optional.empty()
        : Optional.of(Transformer.of(scope, channels, depth, heads, spec));
  }

  Value apply(Value x, Pass pass) {
    Value h = residual.apply(x, pass.time());
    return transformer.isPresent() ? transformer.get().apply(h, pass) : h;
  }

  Stream<Attention> crossAttentions() {
    return transformer.stream().flatMap(Transformer::crossAttentions);
  }
}
