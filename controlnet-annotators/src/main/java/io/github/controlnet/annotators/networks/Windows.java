package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Operand.Symbol;
import io.github.controlnet.core.nn.Value;
import java.util.List;
import java.util.Optional;

/**
 * The squares in which a Swin transformer attends (Z. Liu et al., arXiv 2103.14030, section 3.2).
 * Where the sides of a map are not multiples of theirs, the squares at its end hold places beyond
 * it.
 *
 * @param layers where to write
 * @param side of a square, places
 * @param rows of the map, an expression
 * @param columns of the map, an expression
 */
record Windows(PictureGraph layers, int side, Value rows, Value columns) {
  /** What a place of another region of the map has added to its score. */
  private static final double APART = -100;

  /**
   * How the places are ordered.
   *
   * @param there which place each has that stands in the squares, one square after another; those
   *     beyond the map have the number after the last: [squares x side x side]
   * @param back where in the squares each place of the map stands: [rows x columns]
   * @param scores what is added to the scores of attention: [squares, 1, side x side, side x side],
   *     or nothing
   */
  record Order(Value there, Value back, Optional<Value> scores) {}

  /** The squares that start at the upper left corner. */
  Order plain() {
    return order(0, Optional.empty());
  }

  /**
   * The squares moved right and down by half their side. Those at the end hold the rest of the map
   * from the other end too, which does not belong to them.
   */
  Order shifted() {
    int shift = side / 2;
    Value down = regions(padded(rows), shift);
    Value along = regions(padded(columns), shift);
    Value regions = down.reshape(-1, 1).times(3).plus(along.reshape(1, -1));
    Value grouped = divided(regions).reshape(-1, 1, 1, side * side);
    Value apart = grouped.reshape(-1, 1, side * side, 1).differsFrom(grouped);
    return order(shift, Optional.of(apart.times(APART)));
  }

  private Order order(int shift, Optional<Value> scores) {
    Value down = padded(rows);
    Value along = padded(columns);
    Value places =
        numbers(rows.times(columns))
            .reshape(rows, columns)
            .pad(List.of(0, along.minus(columns), 0, down.minus(rows)), rows.times(columns));
    Value there = divided(rolled(places, -shift));
    Value squares =
        numbers(down.times(along)).reshape(down.floorDiv(side), along.floorDiv(side), side, side);
    Value whole = squares.permute(0, 2, 1, 3).reshape(down, along);
    Value back = rolled(whole, shift).narrow(0, 0, rows).narrow(1, 0, columns).reshape(-1);
    return new Order(there, back, scores);
  }

  /** The next multiple of the side of a square. */
  private Value padded(Value length) {
    return length.plus(side - 1).floorDiv(side).times(side);
  }

  private Value numbers(Value count) {
    return layers.method().range(count, Symbol.INT64);
  }

  private Value rolled(Value x, int shift) {
    return shift == 0 ? x : x.roll(shift, 0, 1);
  }

  /** [rows, columns] as a list, one square after another. */
  private Value divided(Value x) {
    Value squares = x.reshape(-1, side, x.size(1).floorDiv(side), side);
    return squares.permute(0, 2, 1, 3).reshape(-1);
  }

  /** 0, but 1 in the last square along a side and 2 in the part of it from the other end. */
  private Value regions(Value length, int shift) {
    Value numbers = numbers(length);
    return numbers
        .reaches(length.minus(side))
        .to(Symbol.INT64)
        .plus(numbers.reaches(length.minus(shift)).to(Symbol.INT64));
  }
}
