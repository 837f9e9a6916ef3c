package io.github.controlnet.core.lora;

import java.util.List;

/**
 * What a file does to one weight of a base. Every change is a difference to the base's own weight,
 * so that several may act at once, in any order, and each may be taken away again.
 */
interface Change {

  /** Tells whether it is for a weight of this shape. */
  boolean fits(List<Long> shape);

  /** How many rows it is for. */
  int rows();

  /** How many values its rows have; 0 where that does not matter. */
  default int columns() {
    return 0;
  }

  /** Its sizes, for messages. */
  default String sizes() {
    return columns() == 0 ? rows() + " rows" : rows() + " x " + columns();
  }

  /**
   * Adds the difference.
   *
   * @param sum the weight as other changes have left it, row-major
   * @param base the base's own weight, which is not changed
   * @param rows the weight's first side
   * @param scale how much of the difference; it may be negative
   */
  void addTo(float[] sum, float[] base, int rows, double scale);

  /** Adds a row. */
  static void add(float[] sum, int from, double[] row, int columns, double factor) {
    for (int j = 0; j < columns; j++) {
      sum[from + j] = (float) (sum[from + j] + factor * row[j]);
    }
  }

  /** How many values a row of a weight of this shape has. */
  static long width(List<Long> shape) {
    return shape.stream().skip(1).reduce(1L, Math::multiplyExact);
  }

  /**
   * A difference that does not depend on the weight.
   *
   * @param factor alpha / rank
   */
  record Added(Difference difference, double factor) implements Change {
    @Override
    public boolean fits(List<Long> shape) {
      return isOf(difference, shape);
    }

    static boolean isOf(Difference difference, List<Long> shape) {
      return !shape.isEmpty()
          && shape.get(0) == difference.rows()
          && width(shape) == difference.columns();
    }

    @Override
    public int rows() {
      return difference.rows();
    }

    @Override
    public int columns() {
      return difference.columns();
    }

    @Override
    public void addTo(float[] sum, float[] base, int rows, double scale) {
      int columns = difference.columns();
      Rows.forEach(
          rows,
          columns,
          difference.open(),
          (row, values) -> add(sum, row * columns, values, columns, scale * factor));
    }
  }

  /**
   * DoRA (Liu et al. 2024, arXiv:2402.09353): the weight with the difference, brought to learned
   * norms, those of its rows or, as the paper has it, of its inputs. A scale takes that much of the
   * way from the base, as AUTOMATIC1111's web page and ComfyUI do; LyCORIS, which scales the norms
   * alone, agrees at 1.
   *
   * @param magnitude the norms
   * @param ofInputs whether they are the norms of the inputs, over rows and kernel
   */
  record Decomposed(Difference difference, double factor, Factor magnitude, boolean ofInputs)
      implements Change {
    /** What LyCORIS adds to a norm, the epsilon of float32. */
    private static final double EPSILON = 0x1p-23;

    @Override
    public boolean fits(List<Long> shape) {
      long norms = shape.isEmpty() ? 0 : ofInputs && shape.size() > 1 ? shape.get(1) : shape.get(0);
      return Added.isOf(difference, shape) && magnitude.info().count() == norms;
    }

    @Override
    public int rows() {
      return difference.rows();
    }

    @Override
    public int columns() {
      return difference.columns();
    }

    @Override
    public String sizes() {
      return "%d x %d with %d norms"
          .formatted(difference.rows(), difference.columns(), magnitude.info().count());
    }

    @Override
    public void addTo(float[] sum, float[] base, int rows, double scale) {
      int columns = difference.columns();
      float[] norms = magnitude.read();
      Rows source = difference.open();
      Rows merged =
          (index, target) -> {
            source.row(index, target);
            for (int j = 0; j < columns; j++) {
              target[j] = base[index * columns + j] + factor * target[j];
            }
          };
      double[] inputs = ofInputs ? inputScales(merged, rows, columns, norms) : new double[0];
      Rows.forEach(
          rows,
          columns,
          merged,
          (row, values) -> {
            double whole = ofInputs ? 1 : norms[row] / (norm(values) + EPSILON);
            int places = ofInputs ? columns / norms.length : 1;
            for (int j = 0; j < columns; j++) {
              double factor = ofInputs ? inputs[j / places] : whole;
              values[j] = values[j] * factor - base[row * columns + j];
            }
            add(sum, row * columns, values, columns, scale);
          });
    }

    private static double norm(double... values) {
      double squares = 0;
      for (double value : values) {
        squares += value * value;
      }
      return Math.sqrt(squares);
    }

    private static double[] inputScales(Rows merged, int rows, int columns, float[] norms) {
      double[] scales = new double[norms.length];
      double[] line = new double[columns];
      int places = columns / norms.length;
      for (int row = 0; row < rows; row++) {
        merged.row(row, line);
        for (int j = 0; j < columns; j++) {
          scales[j / places] += line[j] * line[j];
        }
      }
      for (int i = 0; i < scales.length; i++) {
        scales[i] = norms[i] / (Math.sqrt(scales[i]) + EPSILON);
      }
      return scales;
    }
  }

  /** IA3 (Liu et al. 2022, arXiv:2205.05638): the weight times a factor for each row or input. */
  record Rescaled(Factor factors, boolean onInput) implements Change {
    @Override
    public boolean fits(List<Long> shape) {
      return shape.size() > 1 && factors.info().count() == shape.get(onInput ? 1 : 0);
    }

    @Override
    public int rows() {
      return onInput ? 0 : Math.toIntExact(factors.info().count());
    }

    @Override
    public String sizes() {
      return factors.info().count() + (onInput ? " inputs" : " rows");
    }

    @Override
    public void addTo(float[] sum, float[] base, int rows, double scale) {
      float[] all = factors.read();
      int columns = base.length / rows;
      int places = onInput ? columns / all.length : 1;
      for (int i = 0; i < base.length; i++) {
        float factor = onInput ? all[i % columns / places] : all[i / columns];
        sum[i] = (float) (sum[i] + scale * factor * base[i]);
      }
    }
  }
}
