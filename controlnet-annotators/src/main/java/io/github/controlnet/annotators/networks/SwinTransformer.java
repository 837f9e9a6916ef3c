package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Derivation;
import io.github.controlnet.core.nn.Derivation.Part;
import io.github.controlnet.core.nn.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * The Swin transformer (Z. Liu et al., arXiv 2103.14030), whose attention sees squares that are
 * moved by half their side in every second block. Its sizes are read from the weights.
 *
 * @param layers where to write
 * @param stored the weights of the file
 * @param prefix of the names of its weights
 */
record SwinTransformer(PictureGraph layers, StoredShapes stored, String prefix) {
  static final int STAGES = 4;
  private static final int PATCH = 4;
  private static final int EXPANSION = 4;
  private static final double EPSILON = 1e-5;

  /** Channels of the output of a stage. */
  int width(int stage) {
    return stored.side(prefix + "patch_embed.proj.weight", 0) << stage;
  }

  /**
   * Writes the network.
   *
   * @param picture with sides that are multiples of 32
   * @return the outputs of the stages, a fourth to a 32nd of the picture's size: [1, width, rows,
   *     columns]
   */
  List<Value> maps(Value picture) {
    int width = width(0);
    Convolution patch = Convolution.of(3, width, PATCH).stride(PATCH).padding(0);
    Value map = layers.conv(prefix + "patch_embed.proj", patch).apply(picture);
    Value rows = map.rows();
    Value columns = map.columns();
    Value x = map.toSequence(width);
    x = norm(x, prefix + "patch_embed.norm", width);
    List<Value> maps = new ArrayList<>();
    for (int stage = 0; stage < STAGES; stage++) {
      String name = prefix + "layers." + stage;
      if (stage > 0) {
        x = merged(x, prefix + "layers.%d.downsample".formatted(stage - 1), rows, columns, width);
        rows = rows.floorDiv(2);
        columns = columns.floorDiv(2);
        width *= 2;
      }
      x = blocks(x, name + ".blocks.", rows, columns, width);
      Value output = norm(x, prefix + "norm" + stage, width);
      maps.add(output.reshape(1, rows, columns, width).permute(0, 3, 1, 2));
    }
    return maps;
  }

  /** Four neighbours as one. */
  private Value merged(Value x, String name, Value rows, Value columns, int width) {
    Value neighbours =
        x.reshape(rows.floorDiv(2), 2, columns.floorDiv(2), 2, width).permute(0, 2, 3, 1, 4);
    Value h = neighbours.reshape(1, -1, 4 * width);
    h = norm(h, name + ".norm", 4 * width);
    return layers.linearWithoutBias(name + ".reduction", 4 * width, 2 * width).apply(h);
  }

  private Value blocks(Value x, String blocks, Value rows, Value columns, int width) {
    int count = stored.count(blocks, ".norm1.weight");
    String table = blocks + "0.attn.relative_position_bias_table";
    int side = ((int) Math.round(Math.sqrt(stored.side(table, 0))) + 1) / 2;
    Windows windows = new Windows(layers, side, rows, columns);
    Windows.Order plain = windows.plain();
    Windows.Order shifted = count > 1 ? windows.shifted() : plain;
    Value h = x;
    for (int i = 0; i < count; i++) {
      h = block(h, blocks + i, i % 2 == 0 ? plain : shifted, side, width);
    }
    return h;
  }

  private Value block(Value x, String name, Windows.Order order, int side, int width) {
    Value attended = attention(norm(x, name + ".norm1", width), name + ".attn", order, side, width);
    Value sum = attended.plus(x);
    Value h =
        layers.mlp(norm(sum, name + ".norm2", width), name + ".mlp", width, EXPANSION * width);
    return h.plus(sum);
  }

  /**
   * Attention within squares. Places beyond the map are zero before the first linear layer, which
   * therefore needs to see only one of them.
   */
  private Value attention(Value x, String name, Windows.Order order, int side, int width) {
    Value withBeyond = x.pad(List.of(0, 0, 0, 1));
    StackedAttention.stack(layers, stored, name, width);
    Value all = layers.linear(name + ".qkv", width, 3 * width).apply(withBeyond);
    Value grouped = all.indexSelect(1, order.there()).reshape(-1, side * side, 3 * width);
    int heads = stored.side(name + ".relative_position_bias_table", 1);
    Value scores = distances(name, side, heads);
    if (order.scores().isPresent()) {
      scores = order.scores().get().plus(scores);
    }
    Value h =
        part(grouped, 0, width, heads)
            .attend(part(grouped, 1, width, heads), part(grouped, 2, width, heads), width, scores);
    h = h.reshape(1, -1, width).indexSelect(1, order.back());
    return layers.linear(name + ".proj", width, width).apply(h);
  }

  private Value part(Value all, int number, int width, int heads) {
    return all.narrow(2, number * width, width).heads(width, heads);
  }

  /** What is added to scores for the distance of two places: [1, heads, places, places]. */
  private Value distances(String name, int side, int heads) {
    int places = side * side;
    int distances = 2 * side - 1;
    Part table =
        Part.of(name + ".relative_position_bias_table", (long) distances * distances, (long) heads);
    Derivation all =
        new Derivation(
            List.of(table),
            parts -> {
              float[] values = new float[heads * places * places];
              for (int i = 0; i < values.length; i++) {
                int from = i / places % places;
                int to = i % places;
                int down = from / side - to / side + side - 1;
                int along = from % side - to % side + side - 1;
                values[i] = parts.get(0)[(down * distances + along) * heads + i / places / places];
              }
              return values;
            });
    return layers.derived(name + ".distances", all, 1, heads, places, places);
  }

  private Value norm(Value x, String name, int width) {
    return layers.layerNorm(name, width, EPSILON).apply(x);
  }
}
