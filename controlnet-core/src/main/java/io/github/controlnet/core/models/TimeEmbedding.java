package io.github.controlnet.core.models;

import io.github.controlnet.core.nn.Linear;
import io.github.controlnet.core.nn.Operand.Symbol;
import io.github.controlnet.core.nn.Scope;
import io.github.controlnet.core.nn.Value;

/**
 * What tells a network how noisy its input is.
 *
 * @param channels waves of the timestep
 */
record TimeEmbedding(int channels, Linear first, Linear second) {

  static TimeEmbedding of(Scope scope, int channels, int width) {
    return new TimeEmbedding(
        channels,
        Linear.of(scope.at("linear_1"), channels, width),
        Linear.of(scope.at("linear_2"), width, width));
  }

  /** The activated embedding: a row for a number, one for each image for a tensor. */
  Value apply(Value timestep) {
    Value waves = timestep.sinusoids(channels).to(Symbol.ACTIVATIONS);
    return second.apply(first.apply(waves).silu()).silu();
  }
}
