package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Operand.Symbol;
import io.github.controlnet.core.nn.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;

/**
 * Attention that looks at a few points around a place on maps of several sizes, and learns which
 * (X. Zhu et al., arXiv 2010.04159). The values between places are bilinear. Per head and place
 * that is one weighted sum of as many rows as there are corners around the points, which PyTorch
 * has an operator for.
 */
final class DeformableAttention {
  private static final int HEADS = 8;
  private static final int POINTS = 4;
  private static final int CORNERS = 4;

  private final PictureGraph layers;
  private final int width;
  private final int maps;

  /** The sides of the maps and the number of places before them, each [maps, 1]. */
  private final Value rows;

  private final Value columns;
  private final Value starts;

  /** Where each place lies on each map, [places, 1, maps, 1]; 0 is the middle of the first. */
  private final Value down;

  private final Value along;

  /**
   * Writes what all layers share.
   *
   * @param width of the tokens
   * @param pictures of the sizes of the maps, whose places are queries and values, one map after
   *     another
   */
  DeformableAttention(PictureGraph layers, int width, List<Value> pictures) {
    this.layers = layers;
    this.width = width;
    this.maps = pictures.size();
    List<Value> heights = pictures.stream().map(Value::rows).toList();
    List<Value> widths = pictures.stream().map(Value::columns).toList();
    List<Object> before = new ArrayList<>(List.of(0));
    for (int i = 0; i + 1 < maps; i++) {
      Value count = heights.get(i).times(widths.get(i));
      before.add(before.get(i) instanceof Value value ? value.plus(count) : count);
    }
    this.rows = column(heights);
    this.columns = column(widths);
    this.starts = column(before);
    List<Value> downs = new ArrayList<>();
    List<Value> alongs = new ArrayList<>();
    for (int i = 0; i < maps; i++) {
      Value height = heights.get(i);
      Value across = widths.get(i);
      downs.add(middles(height).reshape(-1, 1).expand(height, across).reshape(-1));
      alongs.add(middles(across).reshape(1, -1).expand(height, across).reshape(-1));
    }
    this.down = onMaps(downs, rows);
    this.along = onMaps(alongs, columns);
  }

  private Value column(List<?> numbers) {
    return layers.method().numbers(numbers).reshape(-1, 1);
  }

  /** Where the middles of the places lie on a side, which is 1 long. */
  private Value middles(Value length) {
    return layers.method().range(length, Symbol.FLOAT32).plus(0.5).over(length);
  }

  private Value onMaps(List<Value> places, Value lengths) {
    Value all = places.get(0).cat(0, places.subList(1, places.size()));
    return all.reshape(-1, 1, 1, 1).times(lengths).minus(0.5);
  }

  /**
   * Writes a layer.
   *
   * @param queries [1, places, width]
   * @param values [1, places, width]
   * @param name of its weights
   * @return [1, places, width]
   */
  Value layer(Value queries, Value values, String name) {
    int each = maps * POINTS;
    Value moves =
        layers
            .linear(name + ".sampling_offsets", width, 2 * HEADS * each)
            .apply(queries)
            .reshape(-1, HEADS, maps, POINTS, 2);
    Value weights =
        layers
            .linear(name + ".attention_weights", width, HEADS * each)
            .apply(queries)
            .reshape(-1, HEADS, each)
            .softmax(-1)
            .reshape(-1, HEADS, maps, POINTS, 1);
    Corners x = corners(moves, 0, along, columns);
    Corners y = corners(moves, 1, down, rows);
    Value above = y.first().times(columns).plus(starts);
    Value below = y.second().times(columns).plus(starts);
    Value places = products(Value::plus, above, below, x.first(), x.second());
    Value heads = layers.method().range(HEADS, Symbol.FLOAT32).reshape(-1, 1, 1, 1);
    Value entries = places.times(HEADS).plus(heads).to(Symbol.INT32).reshape(-1);
    Value shares =
        products(Value::times, y.firstShare(), y.secondShare(), x.firstShare(), x.secondShare());
    shares = shares.times(weights).reshape(-1);
    Value table =
        layers.linear(name + ".value_proj", width, width).apply(values).reshape(-1, width / HEADS);
    Value sums =
        table.weightedSums(
            entries,
            layers.method().range(0, entries.count(), each * CORNERS, Symbol.INT32),
            shares);
    Value h = sums.reshape(1, -1, width);
    return layers.linear(name + ".output_proj", width, width).apply(h);
  }

  /**
   * The two places around a point along a side, and how much each counts: nothing beyond the map.
   */
  private record Corners(Value first, Value second, Value firstShare, Value secondShare) {}

  private Corners corners(Value moves, int axis, Value from, Value lengths) {
    Value at = moves.select(4, axis).plus(from);
    Value floor = at.floor();
    Value share = at.minus(floor);
    Value last = lengths.minus(1);
    Value first = inside(floor, last);
    Value firstShare = share.from(1).times(first.equalTo(floor));
    Value next = floor.plus(1);
    Value second = inside(next, last);
    Value secondShare = share.times(second.equalTo(next));
    return new Corners(first, second, firstShare, secondShare);
  }

  private Value inside(Value place, Value last) {
    return place.atLeast(0).minimum(last);
  }

  /** What both sides give together: [places, heads, maps, points, corners]. */
  private static Value products(
      BinaryOperator<Value> operator, Value y0, Value y1, Value x0, Value x1) {
    return operator
        .apply(y0, x0)
        .stack(4, operator.apply(y0, x1), operator.apply(y1, x0), operator.apply(y1, x1));
  }
}
