package io.github.controlnet.core.lora;

import java.util.Arrays;

/** Values, row-major. */
record Matrix(float[] values, int rows, int columns) {

  Matrix transposed() {
    float[] turned = new float[values.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        turned[column * rows + row] = values[row * columns + column];
      }
    }
    return new Matrix(turned, columns, rows);
  }

  /**
   * Computes a row of the product with another matrix.
   *
   * @param other as many rows as this has columns
   * @param target gets the row
   */
  void timesRow(int row, Matrix other, double[] target) {
    Arrays.fill(target, 0, other.columns, 0);
    int from = row * columns;
    int k = 0;
    for (; k + 3 < columns; k += 4) {
      addFour(from + k, k, other, target);
    }
    for (; k < columns; k++) {
      double factor = values[from + k];
      int at = k * other.columns;
      for (int j = 0; j < other.columns; j++) {
        target[j] += factor * other.values[at + j];
      }
    }
  }

  /** Four terms at once, since the target's loads and stores cost as much as the products. */
  private void addFour(int from, int k, Matrix other, double[] target) {
    double f0 = values[from];
    double f1 = values[from + 1];
    double f2 = values[from + 2];
    double f3 = values[from + 3];
    float[] b = other.values;
    int n = other.columns;
    int at0 = k * n;
    int at1 = at0 + n;
    int at2 = at1 + n;
    int at3 = at2 + n;
    for (int j = 0; j < n; j++) {
      target[j] += f0 * b[at0 + j] + f1 * b[at1 + j] + f2 * b[at2 + j] + f3 * b[at3 + j];
    }
  }

  Matrix times(Matrix other) {
    float[] product = new float[Math.multiplyExact(rows, other.columns)];
    double[] line = new double[other.columns];
    for (int row = 0; row < rows; row++) {
      timesRow(row, other, line);
      for (int j = 0; j < line.length; j++) {
        product[row * other.columns + j] = (float) line[j];
      }
    }
    return new Matrix(product, rows, other.columns);
  }
}
