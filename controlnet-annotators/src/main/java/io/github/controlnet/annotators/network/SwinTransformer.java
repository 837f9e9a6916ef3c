package io.github.controlnet.annotators.network;

import io.github.controlnet.annotators.network.Derivation.Part;
import io.github.controlnet.core.network.Convolution;
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
record SwinTransformer(Layers layers, StoredShapes stored, String prefix) {
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
  List<String> maps(String picture) {
    int width = width(0);
    Convolution patch = Convolution.of(3, width, PATCH).stride(PATCH).padding(0);
    String map = layers.conv(picture, prefix + "patch_embed.proj", patch);
    String rows = layers.rows(map);
    String columns = layers.columns(map);
    String x = layers.script().toSequence(map, width);
    x = norm(x, prefix + "patch_embed.norm", width);
    List<String> maps = new ArrayList<>();
    for (int stage = 0; stage < STAGES; stage++) {
      String name = prefix + "layers." + stage;
      if (stage > 0) {
        x = merged(x, prefix + "layers.%d.downsample".formatted(stage - 1), rows, columns, width);
        rows = layers.let("torch.floordiv(%s, 2)", rows);
        columns = layers.let("torch.floordiv(%s, 2)", columns);
        width *= 2;
      }
      x = blocks(x, name + ".blocks.", rows, columns, width);
      String output = norm(x, prefix + "norm" + stage, width);
      maps.add(
          layers.let(
              "torch.permute(torch.reshape(%s, [1, %s, %s, %d]), [0, 3, 1, 2])",
              output, rows, columns, width));
    }
    return maps;
  }

  /** Four neighbours as one. */
  private String merged(String x, String name, String rows, String columns, int width) {
    String neighbours =
        layers.let(
            "torch.permute(torch.reshape(%s, [torch.floordiv(%s, 2), 2, torch.floordiv(%s, 2), 2, %d]), [0, 2, 3, 1, 4])",
            x, rows, columns, width);
    String h = layers.let("torch.reshape(%s, [1, -1, %d])", neighbours, 4 * width);
    h = norm(h, name + ".norm", 4 * width);
    return layers.linear(h, name + ".reduction", 4 * width, 2 * width, "None");
  }

  private String blocks(String x, String blocks, String rows, String columns, int width) {
    int count = stored.count(blocks, ".norm1.weight");
    String table = blocks + "0.attn.relative_position_bias_table";
    int side = ((int) Math.round(Math.sqrt(stored.side(table, 0))) + 1) / 2;
    Windows windows = new Windows(layers, side, rows, columns);
    Windows.Order plain = windows.plain();
    Windows.Order shifted = count > 1 ? windows.shifted() : plain;
    String h = x;
    for (int i = 0; i < count; i++) {
      h = block(h, blocks + i, i % 2 == 0 ? plain : shifted, side, width);
    }
    return h;
  }

  private String block(String x, String name, Windows.Order order, int side, int width) {
    String attended =
        attention(norm(x, name + ".norm1", width), name + ".attn", order, side, width);
    String sum = layers.add_(attended, x);
    String h =
        layers.mlp(norm(sum, name + ".norm2", width), name + ".mlp", width, EXPANSION * width);
    return layers.add_(h, sum);
  }

  /**
   * Attention within squares. Places beyond the map are zero before the first linear layer, which
   * therefore needs to see only one of them.
   */
  private String attention(String x, String name, Windows.Order order, int side, int width) {
    String withBeyond = layers.let("torch.constant_pad_nd(%s, [0, 0, 0, 1])", x);
    StackedAttention.stack(layers, stored, name, width);
    String all = layers.linear(withBeyond, name + ".qkv", width, 3 * width);
    String grouped =
        layers.let(
            "torch.reshape(torch.index_select(%s, 1, %s), [-1, %d, %d])",
            all, order.there(), side * side, 3 * width);
    int heads = stored.side(name + ".relative_position_bias_table", 1);
    String scores = distances(name, side, heads);
    if (!order.scores().isEmpty()) {
      scores = layers.let("torch.add(%s, %s)", order.scores(), scores);
    }
    String h =
        layers.attention(
            part(grouped, 0, width, heads),
            part(grouped, 1, width, heads),
            part(grouped, 2, width, heads),
            width,
            scores);
    h = layers.let("torch.index_select(%s, 1, %s)", h, order.back());
    return layers.linear(h, name + ".proj", width, width);
  }

  private String part(String all, int number, int width, int heads) {
    return layers.heads(layers.part(all, number, width), width, heads);
  }

  /** What is added to scores for the distance of two places: [1, heads, places, places]. */
  private String distances(String name, int side, int heads) {
    int places = side * side;
    int distances = 2 * side - 1;
    Part table =
        Part.of(name + ".relative_position_bias_table", (long) distances * distances, (long) heads);
    Derivation all =
        new Derivation(
            List.of(1L, (long) heads, (long) places, (long) places),
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
    return layers.derived(name + ".distances", all);
  }

  private String norm(String x, String name, int width) {
    return layers.layerNorm(x, name, width, EPSILON);
  }
}
