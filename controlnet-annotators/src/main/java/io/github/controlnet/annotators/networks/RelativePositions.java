package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Operand.Symbol;
import io.github.controlnet.core.nn.Value;
import java.util.List;

/**
 * What BEiT (H. Bao, L. Dong, S. Piao and F. Wei, arXiv 2106.08254) adds to the scores of attention
 * for the distance between two places. The weights are stored for a square; for other shapes the
 * table of distances is resized.
 *
 * @param layers where to write
 * @param rows of places, an expression
 * @param columns of places, an expression
 * @param index which entry of the resized table each pair of tokens has, the first token included:
 *     [1 + rows x columns squared]
 */
record RelativePositions(PictureGraph layers, Value rows, Value columns, Value index) {
  /** Entries for the token that belongs to no place: as query, as key, as both. */
  private static final int OTHERS = 3;

  /** Writes the index, which all blocks share, for as many places as a picture has pixels. */
  static RelativePositions of(PictureGraph layers, Value picture) {
    Value rows = picture.rows();
    Value columns = picture.columns();
    Value width = distances(columns);
    Value down = steps(layers, rows);
    Value along = steps(layers, columns);
    Value places =
        down.reshape(rows, 1, rows, 1).times(width).plus(along.reshape(1, columns, 1, columns));
    Value count = rows.times(columns);
    Value square = places.reshape(count, count);
    Value known = distances(rows).times(width);
    Value index = square.pad(List.of(1, 0, 0, 0), known.plus(1)).pad(List.of(0, 0, 1, 0), known);
    index = index.reshape(-1);
    // both pads reach the corner, which has an entry of its own
    Value corner = index.narrow(0, 0, 1).plus(OTHERS - 1);
    return new RelativePositions(layers, rows, columns, corner.cat(0, index.slice(0, 1)));
  }

  /** How many distances there are along a side. */
  private static Value distances(Value side) {
    return side.times(2).minus(1);
  }

  /** The distance between each two positions along a side, from 0: [side, side]. */
  private static Value steps(PictureGraph layers, Value side) {
    Value positions = layers.method().range(side, Symbol.INT64);
    return positions.reshape(-1, 1).minus(positions).plus(side.minus(1));
  }

  /**
   * The scores of one block.
   *
   * @param name of the table [entries, heads]
   * @param entries its rows, those of a square and three more
   * @return [1, heads, count, count]
   */
  Value scores(String name, int entries, int heads) {
    Value table = layers.weight(name, entries, heads).t();
    int stored = entries - OTHERS;
    int side = (int) Math.round(Math.sqrt(stored));
    Value square = table.narrow(1, 0, stored).reshape(1, heads, side, side);
    Value resized = square.resize(distances(rows), distances(columns), false);
    Value all = resized.reshape(heads, -1).cat(1, table.narrow(1, stored, OTHERS));
    Value count = rows.times(columns).plus(1);
    return all.indexSelect(1, index).reshape(1, heads, count, count);
  }
}
