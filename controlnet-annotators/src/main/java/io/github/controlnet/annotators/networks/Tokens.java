package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Value;

/**
 * Pictures [1, width, rows, columns] as tokens [1, 1 + rows x columns, width], the first of which
 * belongs to no place, and back.
 *
 * @param layers where to write
 * @param width channels of a picture
 */
record Tokens(PictureGraph layers, int width) {
  /** How the embeddings of places are brought to another size. */
  enum Resampling {
    BILINEAR,
    BICUBIC
  }

  /** The tokens of a picture. */
  Value of(Value picture, String first) {
    Value places = picture.toSequence(width);
    return layers.weight(first, 1, 1, width).cat(1, places);
  }

  /**
   * Adds the embeddings of places, which are stored for a square.
   *
   * @param x tokens, which are changed
   * @param name of the weight
   * @param count of tokens in the weight
   * @param like a picture with as many rows and columns as there are places
   */
  Value addPositions(Value x, String name, int count, Value like, Resampling resampling) {
    Value stored = layers.weight(name, 1, count, width);
    int side = (int) Math.round(Math.sqrt(count - 1));
    Value square = stored.narrow(1, 1, count - 1).reshape(1, side, side, width).permute(0, 3, 1, 2);
    Value resized =
        switch (resampling) {
          case BILINEAR -> square.contiguous().resizeLike(like, false);
          case BICUBIC -> square.contiguous().resizeBicubic(like.rows(), like.columns());
        };
    Value places = resized.toSequence(width);
    return x.plus(stored.narrow(1, 0, 1).cat(1, places));
  }

  /** The places of tokens as a picture of the size of another. */
  Value picture(Value x, Value like) {
    return places(x).toImage(like, width);
  }

  private Value places(Value x) {
    return x.slice(1, 1);
  }

  /**
   * The places, each with what the first token knows: a linear layer over both and GELU, as a
   * picture of the size of another. The part of the layer that sees the first token is the same for
   * all places, so it is computed once and joins the bias.
   */
  Value readout(Value x, String name, Value like) {
    Value kernel = layers.weight(name + ".weight", width, 2L * width);
    Value bias =
        x.select(1, 0)
            .select(0, 0)
            .linear(kernel.narrow(1, width, width), layers.weight(name + ".bias", width));
    Value h = places(x).linear(kernel.narrow(1, 0, width), bias).gelu();
    return h.toImage(like, width);
  }
}
