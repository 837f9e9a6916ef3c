package io.github.controlnet.annotators.network;

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
record RelativePositions(Layers layers, String rows, String columns, String index) {
  /** Entries for the token that belongs to no place: as query, as key, as both. */
  private static final int OTHERS = 3;

  /** Writes the index, which all blocks share, for as many places as a picture has pixels. */
  static RelativePositions of(Layers layers, String picture) {
    String rows = layers.rows(picture);
    String columns = layers.columns(picture);
    String width = distances(layers, columns);
    String down = steps(layers, rows);
    String along = steps(layers, columns);
    String places =
        layers.let(
            "torch.add(torch.mul(torch.reshape(%s, [%s, 1, %2$s, 1]), %s), torch.reshape(%s, [1, %s, 1, %5$s]))",
            down, rows, width, along, columns);
    String count = layers.let("torch.mul(%s, %s)", rows, columns);
    String square = layers.let("torch.reshape(%s, [%s, %2$s])", places, count);
    String known = layers.let("torch.mul(%s, %s)", distances(layers, rows), width);
    String index =
        layers.let(
            "torch.constant_pad_nd(torch.constant_pad_nd(%s, [1, 0, 0, 0], torch.add(%s, 1)), [0, 0, 1, 0], %2$s)",
            square, known);
    index = layers.let("torch.reshape(%s, [-1])", index);
    // both pads reach the corner, which has an entry of its own
    String corner = layers.let("torch.narrow(%s, 0, 0, 1)", index);
    layers.let("torch.add_(%s, %d)", corner, OTHERS - 1);
    return new RelativePositions(layers, rows, columns, index);
  }

  /** How many distances there are along a side. */
  private static String distances(Layers layers, String side) {
    return layers.let("torch.sub(torch.mul(%s, 2), 1)", side);
  }

  /** The distance between each two positions along a side, from 0: [side, side]. */
  private static String steps(Layers layers, String side) {
    String positions =
        layers.let(
            "torch.arange(%s, dtype=4, layout=None, device=%s)", side, layers.script().device());
    return layers.let(
        "torch.add(torch.sub(torch.reshape(%s, [-1, 1]), %1$s), torch.sub(%s, 1))",
        positions, side);
  }

  /**
   * The scores of one block.
   *
   * @param name of the table [entries, heads]
   * @param entries its rows, those of a square and three more
   * @return [1, heads, count, count]
   */
  String scores(String name, int entries, int heads) {
    String table = layers.let("torch.t(%s)", layers.weight(name, entries, heads));
    int stored = entries - OTHERS;
    int side = (int) Math.round(Math.sqrt(stored));
    String square =
        layers.let(
            "torch.reshape(torch.narrow(%s, 1, 0, %d), [1, %d, %d, %4$d])",
            table, stored, heads, side);
    String resized =
        layers.resize(square, distances(layers, rows), distances(layers, columns), false);
    String all =
        layers.let(
            "torch.cat([torch.reshape(%s, [%d, -1]), torch.narrow(%s, 1, %d, %d)], 1)",
            resized, heads, table, stored, OTHERS);
    String count = layers.let("torch.add(torch.mul(%s, %s), 1)", rows, columns);
    return layers.let(
        "torch.reshape(torch.index_select(%s, 1, %s), [1, %d, %s, %4$s])",
        all, index, heads, count);
  }
}
