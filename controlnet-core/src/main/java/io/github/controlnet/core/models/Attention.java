package io.github.controlnet.core.models;

import io.github.controlnet.core.nn.Linear;
import io.github.controlnet.core.nn.Scope;
import io.github.controlnet.core.nn.Shape;
import io.github.controlnet.core.nn.Value;

/**
 * Attention of several heads.
 *
 * @param width of what asks
 * @param heads how many the width is divided into
 */
record Attention(int width, int heads, Linear query, Linear key, Linear value, Linear out) {

  /** Without biases but the last. */
  static Attention of(Scope scope, int width, int context, int heads) {
    Shape.requireDivides(scope.layer(), width, heads, "heads");
    return new Attention(
        width,
        heads,
        Linear.withoutBias(scope.at("to_q"), width, width),
        Linear.withoutBias(scope.at("to_k"), context, width),
        Linear.withoutBias(scope.at("to_v"), context, width),
        Linear.of(scope.at("to_out.0"), width, width));
  }

  /** Keys of what is looked at: [n, heads, length, width / heads]. */
  Value keys(Value context) {
    return key.apply(context).heads(width, heads);
  }

  /** Values of what is looked at: [n, heads, length, width / heads]. */
  Value values(Value context) {
    return value.apply(context).heads(width, heads);
  }

  /** Queries: [n, heads, length, width / heads]. */
  Value queries(Value x) {
    return query.apply(x).heads(width, heads);
  }
}
