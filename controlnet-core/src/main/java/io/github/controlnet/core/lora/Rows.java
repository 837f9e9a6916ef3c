package io.github.controlnet.core.lora;

import java.util.stream.IntStream;

/** The rows of a matrix, each computed when it is asked for. */
@FunctionalInterface
interface Rows {
  /** How many rows are given to a thread at once, at least. */
  int BLOCK = 16;

  /**
   * Computes a row. May be called by several threads.
   *
   * @param target gets the values
   */
  void row(int index, double[] target);

  /** What happens to a row. */
  @FunctionalInterface
  interface Use {
    void row(int index, double[] values);
  }

  /** Computes all rows, on all cores; each row by itself, so that results do not depend on them. */
  static void forEach(int rows, int columns, Rows source, Use use) {
    int blocks = (rows + BLOCK - 1) / BLOCK;
    IntStream.range(0, blocks)
        .parallel()
        .forEach(
            block -> {
              double[] values = new double[columns];
              for (int i = block * BLOCK; i < Math.min(rows, (block + 1) * BLOCK); i++) {
                source.row(i, values);
                use.row(i, values);
              }
            });
  }
}
