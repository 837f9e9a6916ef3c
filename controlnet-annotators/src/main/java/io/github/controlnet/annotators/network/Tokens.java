package io.github.controlnet.annotators.network;

/**
 * Pictures [1, width, rows, columns] as tokens [1, 1 + rows x columns, width], the first of which
 * belongs to no place, and back.
 *
 * @param layers where to write
 * @param width channels of a picture
 */
record Tokens(Layers layers, int width) {
  /** How the embeddings of places are brought to another size. */
  enum Resampling {
    BILINEAR,
    BICUBIC
  }

  /** The tokens of a picture. */
  String of(String picture, String first) {
    String places = layers.script().toSequence(picture, width);
    return layers.let("torch.cat([%s, %s], 1)", layers.weight(first, 1, 1, width), places);
  }

  /**
   * Adds the embeddings of places, which are stored for a square.
   *
   * @param x tokens, which are changed
   * @param name of the weight
   * @param count of tokens in the weight
   * @param like a picture with as many rows and columns as there are places
   */
  String addPositions(String x, String name, int count, String like, Resampling resampling) {
    String stored = layers.weight(name, 1, count, width);
    int side = (int) Math.round(Math.sqrt(count - 1));
    String square =
        layers.let(
            "torch.permute(torch.reshape(torch.narrow(%s, 1, 1, %d), [1, %d, %d, %d]), [0, 3, 1, 2])",
            stored, count - 1, side, side, width);
    String resized =
        layers.let(
            "torch.upsample_%s2d(torch.contiguous(%s), [%s, %s], False, None, None)",
            resampling.name().toLowerCase(java.util.Locale.ROOT),
            square,
            layers.rows(like),
            layers.columns(like));
    String places = layers.script().toSequence(resized, width);
    return layers.add_(
        x, layers.let("torch.cat([torch.narrow(%s, 1, 0, 1), %s], 1)", stored, places));
  }

  /** The places of tokens as a picture of the size of another. */
  String picture(String x, String like) {
    return layers.script().toImage(places(x), like, width);
  }

  private String places(String x) {
    return layers.let("torch.slice(%s, 1, 1)", x);
  }

  /**
   * The places, each with what the first token knows: a linear layer over both and GELU, as a
   * picture of the size of another. The part of the layer that sees the first token is the same for
   * all places, so it is computed once and joins the bias.
   */
  String readout(String x, String name, String like) {
    String kernel = layers.weight(name + ".weight", width, 2L * width);
    String bias =
        layers.let(
            "torch.linear(torch.select(torch.select(%s, 1, 0), 0, 0), torch.narrow(%s, 1, %d, %3$d), %s)",
            x, kernel, width, layers.weight(name + ".bias", width));
    String h =
        layers.let(
            "torch.gelu_(torch.linear(%s, torch.narrow(%s, 1, 0, %d), %s))",
            places(x), kernel, width, bias);
    return layers.script().toImage(h, like, width);
  }
}
