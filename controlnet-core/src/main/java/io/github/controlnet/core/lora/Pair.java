package io.github.controlnet.core.lora;

import java.util.Arrays;
import java.util.Optional;

/**
 * The factors of a product.
 *
 * @param up [out, rank, ...]; with {@code turned} [rank, out]
 * @param down [rank, in, kernel ...]
 * @param core [rank, rank, kernel ...], between the two, when there is one
 * @param turned whether the first factor lies on its side, as in LyCORIS' Tucker forms
 */
record Pair(Factor up, Factor down, Optional<Factor> core, boolean turned) {

  static Pair of(Factor up, Factor down) {
    return new Pair(up, down, Optional.empty(), false);
  }

  int rows() {
    return turned ? up.columns() : up.rows();
  }

  int columns() {
    return core.map(mid -> Math.multiplyExact(down.columns(), kernel(mid)))
        .orElseGet(down::columns);
  }

  int rank() {
    return down.rows();
  }

  /** How many places a kernel has. */
  private static int kernel(Factor mid) {
    int places = 1;
    for (int axis = 2; axis < mid.sides(); axis++) {
      places *= mid.side(axis);
    }
    return places;
  }

  /** Tells whether the factors can be multiplied. */
  boolean fits() {
    int inner = turned ? up.rows() : up.columns();
    boolean core =
        this.core
            .map(mid -> mid.sides() >= 2 && mid.side(0) == inner && mid.side(1) == rank())
            .orElse(inner == rank());
    return core && up.sides() >= 2 && down.sides() >= 2 && rank() > 0;
  }

  Matrix tall() {
    Matrix matrix = up.matrix();
    return turned ? matrix.transposed() : matrix;
  }

  /** The second factor, with the core in it: [rank, in x kernel]. */
  Matrix wide() {
    Matrix matrix = down.matrix();
    return core.map(mid -> contracted(mid, matrix)).orElse(matrix);
  }

  /** [p, i, k] = sum of mid[p, q, k] down[q, i]. */
  private static Matrix contracted(Factor mid, Matrix down) {
    float[] core = mid.read();
    int places = kernel(mid);
    int outer = mid.side(0);
    int in = down.columns();
    float[] result = new float[Math.multiplyExact(outer, Math.multiplyExact(in, places))];
    double[] line = new double[in * places];
    for (int p = 0; p < outer; p++) {
      Arrays.fill(line, 0);
      for (int q = 0; q < down.rows(); q++) {
        int at = (p * down.rows() + q) * places;
        for (int i = 0; i < in; i++) {
          double value = down.values()[q * in + i];
          for (int k = 0; k < places; k++) {
            line[i * places + k] += value * core[at + k];
          }
        }
      }
      for (int j = 0; j < line.length; j++) {
        result[p * line.length + j] = (float) line[j];
      }
    }
    return new Matrix(result, outer, line.length);
  }
}
