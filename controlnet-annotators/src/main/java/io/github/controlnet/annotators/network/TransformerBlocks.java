package io.github.controlnet.annotators.network;

import io.github.controlnet.WeightsException;
import java.util.List;

/**
 * The blocks of a vision transformer (A. Dosovitskiy et al., arXiv 2010.11929), which the files of
 * DPT, BEiT and DINOv2 have under nearly the same names. Tokens are [1, count, width].
 */
final class TransformerBlocks {
  static final double EPSILON = 1e-6;
  private static final int HEAD = 64;
  private static final int EXPANSION = 4;

  private final Layers layers;
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
  TransformerBlocks(Layers layers, StoredShapes stored, String prefix, int width) {
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
   * @param scores what is added to the scores of attention, [1, heads, count, count], or "None"
   */
  String block(String x, int number, String scores) {
    String name = prefix + number;
    String attended = attention(norm(x, name + ".norm1"), name + ".attn", scores);
    String h = scaledSum(x, attended, name + ".ls1.gamma");
    String inner = layers.mlp(norm(h, name + ".norm2"), name + ".mlp", width, EXPANSION * width);
    return scaledSum(h, inner, name + ".ls2.gamma");
  }

  String norm(String x, String name) {
    return layers.layerNorm(x, name, width, EPSILON);
  }

  /** A sum whose second part, which nobody else needs, is scaled where the file has a scale. */
  private String scaledSum(String x, String y, String scale) {
    return stored.has(scale)
        ? layers.let("torch.addcmul(%s, %s, %s)", x, y, layers.weight(scale, width))
        : layers.add_(y, x);
  }

  private String attention(String x, String name, String scores) {
    List<String> parts =
        stored.has(name + ".qkv.weight")
            ? together(x, name)
            : List.of(
                layers.linear(x, name + ".query", width, width),
                layers.linear(x, name + ".key", width, width),
                layers.linear(x, name + ".value", width, width));
    List<String> split = parts.stream().map(part -> layers.heads(part, width, heads)).toList();
    String attended = layers.attention(split.get(0), split.get(1), split.get(2), width, scores);
    return layers.linear(attended, name + ".proj", width, width);
  }

  private List<String> together(String x, String name) {
    String bias;
    if (stored.has(name + ".qkv.bias")) {
      bias = layers.weight(name + ".qkv.bias", 3L * width);
    } else { // keys have none, since it would change nothing
      String query = layers.weight(name + ".q_bias", width);
      String value = layers.weight(name + ".v_bias", width);
      bias = layers.let("torch.cat([%s, torch.zeros_like(%s), %s])", query, query, value);
    }
    String all = layers.linear(x, name + ".qkv", width, 3 * width, bias);
    return List.of(
        layers.part(all, 0, width), layers.part(all, 1, width), layers.part(all, 2, width));
  }
}
