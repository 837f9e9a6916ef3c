package io.github.controlnet.annotators.network;

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
record Windows(Layers layers, int side, String rows, String columns) {
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
  record Order(String there, String back, String scores) {}

  /** The squares that start at the upper left corner. */
  Order plain() {
    return order(0, "");
  }

  /**
   * The squares moved right and down by half their side. Those at the end hold the rest of the map
   * from the other end too, which does not belong to them.
   */
  Order shifted() {
    int shift = side / 2;
    String down = regions(padded(rows), shift);
    String along = regions(padded(columns), shift);
    String regions =
        layers.let(
            "torch.add(torch.mul(torch.reshape(%s, [-1, 1]), 3), torch.reshape(%s, [1, -1]))",
            down, along);
    String grouped = layers.let("torch.reshape(%s, [-1, 1, 1, %d])", divided(regions), side * side);
    String apart =
        layers.let(
            "torch.ne(torch.reshape(%s, [-1, 1, %d, 1]), %s)", grouped, side * side, grouped);
    return order(shift, layers.let("torch.mul(%s, %s)", apart, Double.toString(APART)));
  }

  private Order order(int shift, String scores) {
    String down = padded(rows);
    String along = padded(columns);
    String places =
        layers.let(
            "torch.constant_pad_nd(torch.reshape(%s, [%s, %s]), [0, torch.sub(%s, %3$s), 0, torch.sub(%5$s, %2$s)], torch.mul(%2$s, %3$s))",
            numbers("torch.mul(%s, %s)".formatted(rows, columns)), rows, columns, along, down);
    String there = divided(rolled(places, -shift));
    String squares =
        layers.let(
            "torch.reshape(%s, [torch.floordiv(%s, %d), torch.floordiv(%s, %3$d), %3$d, %3$d])",
            numbers("torch.mul(%s, %s)".formatted(down, along)), down, side, along);
    String whole =
        layers.let(
            "torch.reshape(torch.permute(%s, [0, 2, 1, 3]), [%s, %s])", squares, down, along);
    String back =
        layers.let(
            "torch.reshape(torch.narrow(torch.narrow(%s, 0, 0, %s), 1, 0, %s), [-1])",
            rolled(whole, shift), rows, columns);
    return new Order(there, back, scores);
  }

  /** The next multiple of the side of a square. */
  private String padded(String length) {
    return layers.let(
        "torch.mul(torch.floordiv(torch.add(%s, %d), %d), %3$d)", length, side - 1, side);
  }

  private String numbers(String count) {
    return layers.let(
        "torch.arange(%s, dtype=4, layout=None, device=%s)", count, layers.script().device());
  }

  private String rolled(String x, int shift) {
    return shift == 0 ? x : layers.let("torch.roll(%s, [%d, %2$d], [0, 1])", x, shift);
  }

  /** [rows, columns] as a list, one square after another. */
  private String divided(String x) {
    String squares =
        layers.let(
            "torch.reshape(%s, [-1, %d, torch.floordiv(torch.size(%1$s, 1), %2$d), %2$d])",
            x, side);
    return layers.let("torch.reshape(torch.permute(%s, [0, 2, 1, 3]), [-1])", squares);
  }

  /** 0, but 1 in the last square along a side and 2 in the part of it from the other end. */
  private String regions(String length, int shift) {
    String numbers = numbers(length);
    return layers.let(
        "torch.add(torch.to(torch.ge(%s, torch.sub(%s, %d)), 4), torch.to(torch.ge(%1$s, torch.sub(%2$s, %4$d)), 4))",
        numbers, length, side, shift);
  }
}
