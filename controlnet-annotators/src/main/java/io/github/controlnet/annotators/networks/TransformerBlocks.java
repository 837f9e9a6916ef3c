package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Value;
import io.github.controlnet.exception.WeightsException;
import java.util.List;

/**
 * The blocks of a vision transformer (A. Dosovitskiy et al., arXiv 2010.11929), which the files of
 * DPT, BEiT and DINOv2 have under nearly the same names. Tokens are [1, count, width].
 */
final class TransformerBlocks {
  static final double EPSILON = 1e-6;
  private static final int HEAD = 64;
  private static final int EXPANSION = 4;

  private final PictureGraph layers;
  private final StoredShapes stored;
  private final String prefix;
  private final int width;
  private final int heads;

  /**
   * Describes the blocks.
   *
   * @param prefix of the names of the blocks, before their numbers
   * @param width of a token, a multiple of 64
   */
  TransformerBlocks(PictureGraph layers, StoredShapes stored, String prefix, int width) {
    if (width % HEAD != 0) {
      throw new WeightsException(
          "the tokens have %d channels, expected a multiple of %d; the file is of another kind."
              .formatted(width, HEAD));
    }
    this.layers = layers;
    this.stored = stored;
    this.prefix = prefix;
    this.width = width;
    this.heads = width / HEAD;
  }

  int heads() {
    return heads;
  }

  int count() {
    return stored.count(prefix, ".norm1.weight");
  }

  /**
   * Writes one block.
   *
   * @param x tokens, which stay as they are
   * @param number of the block, from 0
   * @param scores what is added to the scores of attention, [1, heads, count, count], if anything
   */
  Value block(Value x, int number, Value... scores) {
    String name = prefix + number;
    Value attended = attention(norm(x, name + ".norm1"), name + ".attn", scores);
    Value h = scaledSum(x, attended, name + ".ls1.gamma");
    Value inner = layers.mlp(norm(h, name + ".norm2"), name + ".mlp", width, EXPANSION * width);
    return scaledSum(h, inner, name + ".ls2.gamma");
  }

  Value norm(Value x, String name) {
    return layers.layerNorm(name, width, EPSILON).apply(x);
  }

  /** A sum whose second part, which nobody else needs, is scaled where the file has a scale. */
  private Value scaledSum(Value x, Value y, String scale) {
    return stored.has(scale) ? x.plusProduct(y, layers.weight(scale, width)) : y.plus(x);
  }

  private Value attention(Value x, String name, Value... scores) {
    List<Value> parts =
        stored.has(name + ".qkv.weight")
            ? together(x, name)
            : List.of(
                layers.linear(name + ".query", width, width).apply(x),
                layers.linear(name + ".key", width, width).apply(x),
                layers.linear(name + ".value", width, width).apply(x));
    List<Value> split = parts.stream().map(part -> part.heads(width, heads)).toList();
    Value attended = split.get(0).attend(split.get(1), split.get(2), width, scores);
    return layers.linear(name + ".proj", width, width).apply(attended);
  }

  private List<Value> together(Value x, String name) {
    Value bias;
    if (stored.has(name + ".qkv.bias")) {
      bias = layers.weight(name + ".qkv.bias", 3L * width);
    } else { // keys have none, since it would change nothing
      Value query = layers.weight(name + ".q_bias", width);
      Value value = layers.weight(name + ".v_bias", width);
      bias = query.cat(0, query.zerosLike(), value);
    }
    Value all = layers.linearWithoutBias(name + ".qkv", width, 3 * width).apply(x, bias);
    return List.of(
        all.narrow(2, 0, width), all.narrow(2, width, width), all.narrow(2, 2 * width, width));
  }
}
