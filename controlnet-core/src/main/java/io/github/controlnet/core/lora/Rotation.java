package io.github.controlnet.core.lora;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The rows of the weight, rotated in groups: OFT (Qiu et al. 2023, arXiv:2306.07280) with one
 * rotation for each group, BOFT (Liu et al. 2024, arXiv:2311.06243) with several stages that mix
 * wider and wider. A rotation is the Cayley transform (I + Q) (I - Q)^-1 of Q = B - B^T; what
 * LyCORIS calls alpha times the number of rows bounds the norm of all Q together.
 *
 * @param blocks B: [groups, side, side], or [stages, groups, side, side]
 * @param rescale a factor for each row, when there are some
 * @param alpha the bound; 0 for none
 */
record Rotation(Factor blocks, Optional<Factor> rescale, double alpha) implements Change {

  /** Tells whether the tensor has rotations' shape. */
  static boolean isRotation(Factor blocks) {
    int sides = blocks.sides();
    return (sides == 3 || (sides == 4 && blocks.side(2) % 2 == 0))
        && blocks.side(sides - 1) == blocks.side(sides - 2);
  }

  private boolean butterfly() {
    return blocks.sides() == 4;
  }

  private int stages() {
    return butterfly() ? blocks.side(0) : 1;
  }

  private int groups() {
    return blocks.side(butterfly() ? 1 : 0);
  }

  private int side() {
    return blocks.side(blocks.sides() - 1);
  }

  @Override
  public int rows() {
    return Math.multiplyExact(groups(), side());
  }

  @Override
  public boolean fits(List<Long> shape) {
    boolean mixes = !butterfly() || rows() % (side() << (stages() - 1)) == 0;
    return !shape.isEmpty()
        && shape.get(0) == rows()
        && mixes
        && rescale.map(factors -> factors.info().count() == rows()).orElse(true);
  }

  @Override
  public void addTo(float[] sum, float[] base, int rows, double scale) {
    double[][] rotations = rotations();
    float[] factors = rescale.map(Factor::read).orElse(new float[0]);
    int columns = base.length / rows;
    // a butterfly's scale is taken in every stage, as LyCORIS does
    float[] rotated = butterfly() ? mixed(base, rotations, columns, scale) : new float[0];
    double taken = butterfly() ? 1 : scale;
    Rows.forEach(
        rows,
        columns,
        butterfly() ? row(rotated, columns) : turned(base, rotations, columns),
        (index, values) -> {
          double factor = factors.length == 0 ? 1 : factors[index];
          for (int j = 0; j < columns; j++) {
            values[j] = factor * values[j] - base[index * columns + j];
          }
          Change.add(sum, index * columns, values, columns, taken);
        });
  }

  private static Rows row(float[] all, int columns) {
    return (index, target) -> {
      for (int j = 0; j < columns; j++) {
        target[j] = all[index * columns + j];
      }
    };
  }

  /** R^T W of each group. */
  private Rows turned(float[] base, double[][] rotations, int columns) {
    int side = side();
    return (index, target) -> {
      Arrays.fill(target, 0);
      int group = index / side;
      for (int n = 0; n < side; n++) {
        double factor = rotations[group][n * side + index % side];
        int from = (group * side + n) * columns;
        for (int j = 0; j < columns; j++) {
          target[j] += factor * base[from + j];
        }
      }
    };
  }

  /** Stage i mixes rows that lie side / 2 x 2^i apart. */
  private float[] mixed(float[] base, double[][] rotations, int columns, double scale) {
    int side = side();
    float[] now = base;
    for (int stage = 0; stage < stages(); stage++) {
      int apart = (side / 2) << stage;
      float[] before = now;
      float[] after = new float[base.length];
      int first = stage * groups();
      Rows.forEach(
          rows(),
          columns,
          (place, target) -> {
            // place is where the row lies once those that are mixed lie side by side
            Arrays.fill(target, 0);
            double[] rotation = rotations[first + place / side];
            int row = place % side;
            for (int j = 0; j < side; j++) {
              double identity = j == row ? 1 : 0;
              double factor = scale * rotation[row * side + j] + (1 - scale) * identity;
              int from = source(place - row + j, apart) * columns;
              for (int c = 0; c < columns; c++) {
                target[c] += factor * before[from + c];
              }
            }
          },
          (place, values) -> {
            int to = source(place, apart) * columns;
            for (int c = 0; c < columns; c++) {
              after[to + c] = (float) values[c];
            }
          });
      now = after;
    }
    return now;
  }

  /** The row that lies at a place once pairs of rows that are {@code apart} lie side by side. */
  private static int source(int place, int apart) {
    int group = place / (2 * apart);
    int within = place % (2 * apart);
    return group * 2 * apart + within % 2 * apart + within / 2;
  }

  private double[][] rotations() {
    float[] all = blocks.read();
    int side = side();
    double[] skew = new double[all.length];
    double squares = 0;
    for (int i = 0; i < all.length; i++) {
      int start = i / (side * side) * side * side;
      int row = (i - start) / side;
      int column = (i - start) % side;
      skew[i] = (double) all[i] - all[start + column * side + row];
      squares += skew[i] * skew[i];
    }
    double bound = alpha * rows();
    double norm = Math.sqrt(squares) + 1e-8;
    double factor = bound > 0 && norm > bound ? bound / norm : 1;
    double[][] rotations = new double[stages() * groups()][];
    for (int i = 0; i < rotations.length; i++) {
      double[] q = Arrays.copyOfRange(skew, i * side * side, (i + 1) * side * side);
      for (int j = 0; j < q.length; j++) {
        q[j] *= factor;
      }
      rotations[i] = cayley(q, side);
    }
    return rotations;
  }

  /** (I + Q) (I - Q)^-1, which is (I - Q)^-1 (I + Q), by elimination; I - Q is never singular. */
  private static double[] cayley(double[] q, int side) {
    double[] left = new double[q.length];
    double[] right = new double[q.length];
    for (int i = 0; i < q.length; i++) {
      double identity = i / side == i % side ? 1 : 0;
      left[i] = identity - q[i];
      right[i] = identity + q[i];
    }
    for (int step = 0; step < side; step++) {
      int pivot = step;
      for (int row = step + 1; row < side; row++) {
        if (Math.abs(left[row * side + step]) > Math.abs(left[pivot * side + step])) {
          pivot = row;
        }
      }
      swap(left, side, step, pivot);
      swap(right, side, step, pivot);
      double inverse = 1 / left[step * side + step];
      scale(left, side, step, inverse);
      scale(right, side, step, inverse);
      for (int row = 0; row < side; row++) {
        double factor = left[row * side + step];
        if (row != step && factor != 0) {
          subtract(left, side, row, step, factor);
          subtract(right, side, row, step, factor);
        }
      }
    }
    return right;
  }

  private static void swap(double[] matrix, int side, int a, int b) {
    for (int j = 0; a != b && j < side; j++) {
      double value = matrix[a * side + j];
      matrix[a * side + j] = matrix[b * side + j];
      matrix[b * side + j] = value;
    }
  }

  private static void scale(double[] matrix, int side, int row, double factor) {
    for (int j = 0; j < side; j++) {
      matrix[row * side + j] *= factor;
    }
  }

  private static void subtract(double[] matrix, int side, int row, int step, double factor) {
    for (int j = 0; j < side; j++) {
      matrix[row * side + j] -= factor * matrix[step * side + j];
    }
  }
}
