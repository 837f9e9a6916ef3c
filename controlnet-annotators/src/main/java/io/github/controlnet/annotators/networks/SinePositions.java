package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Method;
import io.github.controlnet.core.nn.Operand.Symbol;
import io.github.controlnet.core.nn.Value;

/**
 * What tells a transformer where a place lies: waves along both sides of a map (N. Carion et al.,
 * arXiv 2005.12872, as in {@code position_encoding.py} of github.com/SHI-Labs/OneFormer).
 *
 * @param layers where to write
 * @param width channels, half of them for the row
 */
record SinePositions(PictureGraph layers, int width) {
  private static final double LONGEST = 10000;

  /** The waves of all places of a map, row by row: [1, rows x columns, width]. */
  Value of(Value rows, Value columns) {
    Value down = waves(rows).reshape(rows, 1, width / 2);
    Value along = waves(columns).reshape(1, columns, width / 2);
    Value all = down.expand(rows, columns, width / 2);
    return all.cat(2, along.expand(rows, columns, width / 2)).reshape(1, -1, width);
  }

  /** Sine and cosine in turn: [length, width / 2]. */
  private Value waves(Value length) {
    Method method = layers.method();
    Value turns =
        method.range(1, length.plus(1), 1, Symbol.FLOAT32).over(length).times(2 * Math.PI);
    int count = width / 4;
    Value lengths = method.range(count, Symbol.FLOAT32).over(count).powerOf(LONGEST);
    Value angles = turns.reshape(-1, 1).over(lengths);
    return angles.sin().stack(2, angles.cos()).reshape(-1, width / 2);
  }
}
