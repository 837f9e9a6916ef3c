package io.github.controlnet.annotators.network;

import io.github.controlnet.core.network.Convolution;
import java.util.ArrayList;
import java.util.List;

/**
 * Brings what a backbone sees in several sizes together ({@code msdeformattn.py} of
 * github.com/SHI-Labs/OneFormer): a transformer over the three coarser maps, and the finest one
 * joined with its result.
 *
 * @param layers where to write
 * @param stored the weights of the file
 * @param prefix of the names of its weights
 */
record PixelDecoder(Layers layers, StoredShapes stored, String prefix) {
  private static final int GROUPS = 32;
  private static final double EPSILON = 1e-5;

  /**
   * What a decoder of masks looks at.
   *
   * @param finest for every fourth pixel what its masks are made of: [1, width, rows / 4, columns /
   *     4]
   * @param maps three of other sizes, the coarsest first: [1, width, rows, columns]
   * @param positions the waves of these maps' places: [1, rows x columns, width]
   */
  record Features(String finest, List<String> maps, List<String> positions) {}

  /** Channels of all that is decoded. */
  int width() {
    return stored.side(prefix + "mask_features.weight", 0);
  }

  /**
   * Writes the network.
   *
   * @param seen outputs of the backbone, the finest first
   * @param channels how many each has
   */
  Features decode(List<String> seen, List<Integer> channels) {
    int width = width();
    int last = seen.size() - 1;
    List<String> tokens = new ArrayList<>();
    List<String> positions = new ArrayList<>();
    List<String> places = new ArrayList<>();
    String levels = layers.weight(prefix + "transformer.level_embed", last, width);
    List<String> coarser = new ArrayList<>();
    for (int i = 0; i < last; i++) {
      String map = seen.get(last - i);
      coarser.add(map);
      String name = prefix + "input_proj.%d.".formatted(i);
      String h = layers.conv(map, name + "0", Convolution.of(channels.get(last - i), width, 1));
      tokens.add(layers.script().toSequence(groupNorm(h, name + "1", width), width));
      String waves = new SinePositions(layers, width).of(layers.rows(map), layers.columns(map));
      positions.add(waves);
      places.add(layers.let("torch.add(%s, torch.select(%s, 0, %d))", waves, levels, i));
    }
    String x = joined(tokens);
    String where = joined(places);
    DeformableAttention attention = new DeformableAttention(layers, width, coarser);
    String encoder = prefix + "transformer.encoder.layers.";
    int count = stored.count(encoder, ".norm1.weight");
    for (int i = 0; i < count; i++) {
      x = layer(x, where, attention, encoder + i, width);
    }
    List<String> maps = split(x, coarser, width);
    Convolution adapter = Convolution.of(channels.get(0), width, 1).noBias();
    String h = layers.conv(seen.get(0), prefix + "adapter_1", adapter);
    h = groupNorm(h, prefix + "adapter_1.norm", width);
    h = layers.add_(layers.resizeLike(maps.get(last - 1), h, false), h);
    h = layers.conv(h, prefix + "layer_1", Convolution.of(width, width, 3).noBias());
    h = layers.relu_(groupNorm(h, prefix + "layer_1.norm", width));
    Convolution pixels = Convolution.of(width, width, 1);
    return new Features(layers.conv(h, prefix + "mask_features", pixels), maps, positions);
  }

  private String groupNorm(String x, String name, int width) {
    return layers.script().groupNorm(x, name, width, GROUPS, EPSILON);
  }

  private String joined(List<String> parts) {
    return layers.cat(parts.toArray(String[]::new));
  }

  private String layer(
      String x, String where, DeformableAttention attention, String name, int width) {
    String attended = attention.layer(layers.add(x, where), x, name + ".self_attn");
    String sum = norm(layers.add_(attended, x), name + ".norm1", width);
    int hidden = stored.side(name + ".linear1.weight", 0);
    String h = layers.feedForward(sum, name, width, hidden);
    return norm(layers.add_(h, sum), name + ".norm2", width);
  }

  private String norm(String x, String name, int width) {
    return layers.layerNorm(x, name, width, EPSILON);
  }

  private List<String> split(String x, List<String> pictures, int width) {
    List<String> maps = new ArrayList<>();
    String from = "0";
    for (String picture : pictures) {
      String count = layers.let("torch.mul(%s, %s)", layers.rows(picture), layers.columns(picture));
      String part = layers.let("torch.narrow(%s, 1, %s, %s)", x, from, count);
      maps.add(layers.script().toImage(part, picture, width));
      from = layers.let("torch.add(%s, %s)", from, count);
    }
    return maps;
  }
}
