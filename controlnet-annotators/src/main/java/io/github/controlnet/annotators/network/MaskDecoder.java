package io.github.controlnet.annotators.network;

import io.github.controlnet.core.network.Convolution;
import java.util.ArrayList;
import java.util.List;

/**
 * Queries that each find the mask and the class of a part of the picture, for one task ({@code
 * oneformer_transformer_decoder.py} of github.com/SHI-Labs/OneFormer; J. Jain et al., arXiv
 * 2211.06220). A query attends only where its mask was before (B. Cheng et al., arXiv 2112.01527).
 *
 * @param layers where to write
 * @param stored the weights of the file
 * @param prefix of the names of its weights
 * @param width of a query
 */
record MaskDecoder(Layers layers, StoredShapes stored, String prefix, int width) {
  private static final int HEADS = 8;
  private static final double EPSILON = 1e-5;

  /**
   * What the queries found.
   *
   * @param classes logits, the last those of no class: [1, queries, classes + 1]
   * @param masks logits: [1, queries, rows, columns]
   */
  record Found(String classes, String masks) {}

  /**
   * Writes the network.
   *
   * @param features of the picture
   * @param task embedded: [1, 1, width]
   */
  Found decode(PixelDecoder.Features features, String task) {
    int count = stored.side(prefix + "query_embed.weight", 0);
    String places = layers.weight(prefix + "query_embed.weight", count, width);
    places = layers.let("torch.reshape(%s, [1, %d, %d])", places, count, width);
    String token = norm(task, prefix + "decoder_norm");
    String x = layers.cat(asked(features.finest(), places, token, count), token);
    List<Level> levels = levels(features);
    int blocks = stored.count(prefix + "transformer_ffn_layers.", ".norm.weight");
    for (int i = 0; i < blocks; i++) {
      Level level = levels.get(i % levels.size());
      String seen = seen(masks(norm(x, prefix + "decoder_norm"), level.masks()));
      String query = layers.add(x, places);
      String name = prefix + "transformer_cross_attention_layers.%d".formatted(i);
      String h = attention(query, level.keys(), level.values(), name + ".multihead_attn", seen);
      x = norm(layers.add_(h, x), name + ".norm");
      name = prefix + "transformer_self_attention_layers.%d".formatted(i);
      query = layers.add(x, places);
      h = attention(query, query, x, name + ".self_attn", "None");
      x = norm(layers.add_(h, x), name + ".norm");
      name = prefix + "transformer_ffn_layers.%d".formatted(i);
      x = norm(layers.add_(feedForward(x, name), x), name + ".norm");
    }
    String found = norm(x, prefix + "decoder_norm");
    int classes = stored.side(prefix + "class_embed.weight", 0);
    String masks =
        layers.let(
            "torch.reshape(%s, [1, %d, %s, %s])",
            masks(found, flat(features.finest())),
            count,
            layers.rows(features.finest()),
            layers.columns(features.finest()));
    return new Found(layers.linear(found, prefix + "class_embed", width, classes), masks);
  }

  /** All queries but the last: what the task asks of the finest map. */
  private String asked(String finest, String places, String token, int count) {
    String name = prefix + "class_transformer.decoder.";
    String values =
        new SinePositions(layers, width).of(layers.rows(finest), layers.columns(finest));
    String shown =
        layers.conv(finest, prefix + "class_input_proj", Convolution.of(width, width, 1));
    String keys = layers.add(values, layers.script().toSequence(shown, width));
    String x = layers.let("torch.expand(%s, [1, %d, %d])", token, count - 1, width);
    String where = layers.let("torch.narrow(%s, 1, 0, %d)", places, count - 1);
    int blocks = stored.count(name + "layers.", ".norm1.weight");
    for (int i = 0; i < blocks; i++) {
      String block = name + "layers.%d".formatted(i);
      String query = layers.add(x, where);
      String h = attention(query, query, x, block + ".self_attn", "None");
      x = norm(layers.add_(h, x), block + ".norm1");
      h = attention(layers.add(x, where), keys, values, block + ".multihead_attn", "None");
      x = norm(layers.add_(h, x), block + ".norm2");
      x = norm(layers.add_(feedForward(x, block), x), block + ".norm3");
    }
    return norm(x, name + "norm");
  }

  /**
   * A map that queries look at.
   *
   * @param keys [1, places, width]
   * @param values [1, places, width]
   * @param masks what masks of its size are made of: [width, places]
   */
  private record Level(String keys, String values, String masks) {}

  private List<Level> levels(PixelDecoder.Features features) {
    int count = features.maps().size();
    String embedded = layers.weight(prefix + "level_embed.weight", count, width);
    List<Level> levels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String map = features.maps().get(i);
      String values =
          layers.let(
              "torch.add(%s, torch.select(%s, 0, %d))",
              layers.script().toSequence(map, width), embedded, i);
      // masks could be resized instead, but they are as many as there are queries
      String masks = flat(layers.resizeLike(features.finest(), map, false));
      levels.add(new Level(layers.add(values, features.positions().get(i)), values, masks));
    }
    return levels;
  }

  /** [1, width, rows, columns] to [width, rows x columns], a view of the order in memory. */
  private String flat(String map) {
    return layers.let("torch.t(torch.select(%s, 0, 0))", layers.script().toSequence(map, width));
  }

  /** Logits of masks: [queries, places]. */
  private String masks(String found, String map) {
    String h = found;
    int last = stored.count(prefix + "mask_embed.layers.", ".weight") - 1;
    for (int i = 0; i <= last; i++) {
      h = layers.linear(h, prefix + "mask_embed.layers." + i, width, width);
      h = i < last ? layers.relu_(h) : h;
    }
    return layers.let("torch.matmul(torch.select(%s, 0, 0), %s)", h, map);
  }

  /** Where queries look: on their masks, or everywhere if these are empty. */
  private String seen(String masks) {
    String on = layers.let("torch.ge(torch.sigmoid(%s), 0.5)", masks);
    return layers.let("torch.logical_or(%s, torch.logical_not(torch.any(%1$s, 1, True)))", on);
  }

  private String attention(String query, String keys, String values, String name, String scores) {
    StackedAttention.split(layers, stored, name, width);
    String h =
        layers.attention(
            heads(query, name + ".q_proj"),
            heads(keys, name + ".k_proj"),
            heads(values, name + ".v_proj"),
            width,
            scores);
    return layers.linear(h, name + ".out_proj", width, width);
  }

  private String heads(String x, String name) {
    return layers.heads(layers.linear(x, name, width, width), width, HEADS);
  }

  private String feedForward(String x, String name) {
    int hidden = stored.side(name + ".linear1.weight", 0);
    return layers.feedForward(x, name, width, hidden);
  }

  private String norm(String x, String name) {
    return layers.layerNorm(x, name, width, EPSILON);
  }
}
