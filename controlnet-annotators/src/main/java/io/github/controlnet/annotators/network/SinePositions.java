package io.github.controlnet.annotators.network;

/**
 * What tells a transformer where a place lies: waves along both sides of a map (N. Carion et al.,
 * arXiv 2005.12872, as in {@code position_encoding.py} of github.com/SHI-Labs/OneFormer).
 *
 * @param layers where to write
 * @param width channels, half of them for the row
 */
record SinePositions(Layers layers, int width) {
  private static final double LONGEST = 10000;

  /** The waves of all places of a map, row by row: [1, rows x columns, width]. */
  String of(String rows, String columns) {
    String down = layers.let("torch.reshape(%s, [%s, 1, %d])", waves(rows), rows, width / 2);
    String along = layers.let("torch.reshape(%s, [1, %s, %d])", waves(columns), columns, width / 2);
    String size = "[%s, %s, %d]".formatted(rows, columns, width / 2);
    return layers.let(
        "torch.reshape(torch.cat([torch.expand(%s, %s), torch.expand(%s, %2$s)], 2), [1, -1, %4$d])",
        down, size, along, width);
  }

  /** Sine and cosine in turn: [length, width / 2]. */
  private String waves(String length) {
    String device = layers.script().device();
    String turns =
        layers.let(
            "torch.mul(torch.div(torch.arange(1, torch.add(%s, 1), dtype=6, layout=None, device=%s), %1$s), %s)",
            length, device, Double.toString(2 * Math.PI));
    int count = width / 4;
    String lengths =
        layers.let(
            "torch.pow(%s, torch.div(torch.arange(%d, dtype=6, layout=None, device=%s), %2$d))",
            Double.toString(LONGEST), count, device);
    String angles = layers.let("torch.div(torch.reshape(%s, [-1, 1]), %s)", turns, lengths);
    return layers.let(
        "torch.reshape(torch.stack([torch.sin(%s), torch.cos(%1$s)], 2), [-1, %d])",
        angles, width / 2);
  }
}
