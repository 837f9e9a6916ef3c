package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Value;
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
record PixelDecoder(PictureGraph layers, StoredShapes stored, String prefix) {
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
  record Features(Value finest, List<Value> maps, List<Value> positions) {}

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
  Features decode(List<Value> seen, List<Integer> channels) {
    int width = width();
    int last = seen.size() - 1;
    List<Value> tokens = new ArrayList<>();
    List<Value> positions = new ArrayList<>();
    List<Value> places = new ArrayList<>();
    Value levels = layers.weight(prefix + "transformer.level_embed", last, width);
    List<Value> coarser = new ArrayList<>();
    for (int i = 0; i < last; i++) {
      Value map = seen.get(last - i);
      coarser.add(map);
      String name = prefix + "input_proj.%d.".formatted(i);
      Value h =
          layers.conv(name + "0", Convolution.of(channels.get(last - i), width, 1)).apply(map);
      tokens.add(groupNorm(h, name + "1", width).toSequence(width));
      Value waves = new SinePositions(layers, width).of(map.rows(), map.columns());
      positions.add(waves);
      places.add(waves.plus(levels.select(0, i)));
    }
    Value x = joined(tokens);
    Value where = joined(places);
    DeformableAttention attention = new DeformableAttention(layers, width, coarser);
    String encoder = prefix + "transformer.encoder.layers.";
    int count = stored.count(encoder, ".norm1.weight");
    for (int i = 0; i < count; i++) {
      x = layer(x, where, attention, encoder + i, width);
    }
    List<Value> maps = split(x, coarser, width);
    Convolution adapter = Convolution.of(channels.get(0), width, 1).noBias();
    Value h = layers.conv(prefix + "adapter_1", adapter).apply(seen.get(0));
    h = groupNorm(h, prefix + "adapter_1.norm", width);
    h = maps.get(last - 1).resizeLike(h, false).plus(h);
    h = layers.conv(prefix + "layer_1", Convolution.of(width, width, 3).noBias()).apply(h);
    h = groupNorm(h, prefix + "layer_1.norm", width).relu();
    Convolution pixels = Convolution.of(width, width, 1);
    return new Features(layers.conv(prefix + "mask_features", pixels).apply(h), maps, positions);
  }

  private Value groupNorm(Value x, String name, int width) {
    return layers.groupNorm(name, width, GROUPS, EPSILON).apply(x);
  }

  private Value joined(List<Value> parts) {
    return parts.get(0).cat(1, parts.subList(1, parts.size()));
  }

  private Value layer(Value x, Value where, DeformableAttention attention, String name, int width) {
    Value attended = attention.layer(x.plus(where), x, name + ".self_attn");
    Value sum = norm(attended.plus(x), name + ".norm1", width);
    int hidden = stored.side(name + ".linear1.weight", 0);
    Value h = layers.feedForward(sum, name, width, hidden);
    return norm(h.plus(sum), name + ".norm2", width);
  }

  private Value norm(Value x, String name, int width) {
    return layers.layerNorm(name, width, EPSILON).apply(x);
  }

  private List<Value> split(Value x, List<Value> pictures, int width) {
    List<Value> maps = new ArrayList<>();
    Object from = 0;
    for (Value picture : pictures) {
      Value count = picture.rows().times(picture.columns());
      Value part = x.narrow(1, from, count);
      maps.add(part.toImage(picture, width));
      from = from instanceof Value before ? before.plus(count) : count;
    }
    return maps;
  }
}
