package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Value;
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
record MaskDecoder(PictureGraph layers, StoredShapes stored, String prefix, int width) {
  private static final int HEADS = 8;
  private static final double EPSILON = 1e-5;

  /**
   * What the queries found.
   *
   * @param classes logits, the last those of no class: [1, queries, classes + 1]
   * @param masks logits: [1, queries, rows, columns]
   */
  record Found(Value classes, Value masks) {}

  /**
   * Writes the network.
   *
   * @param features of the picture
   * @param task embedded: [1, 1, width]
   */
  Found decode(PixelDecoder.Features features, Value task) {
    int count = stored.side(prefix + "query_embed.weight", 0);
    Value places = layers.weight(prefix + "query_embed.weight", count, width);
    places = places.reshape(1, count, width);
    Value token = norm(task, prefix + "decoder_norm");
    Value x = asked(features.finest(), places, token, count).cat(1, token);
    List<Level> levels = levels(features);
    int blocks = stored.count(prefix + "transformer_ffn_layers.", ".norm.weight");
    for (int i = 0; i < blocks; i++) {
      Level level = levels.get(i % levels.size());
      Value seen = seen(masks(norm(x, prefix + "decoder_norm"), level.masks()));
      Value query = x.plus(places);
      String name = prefix + "transformer_cross_attention_layers.%d".formatted(i);
      Value h = attention(query, level.keys(), level.values(), name + ".multihead_attn", seen);
      x = norm(h.plus(x), name + ".norm");
      name = prefix + "transformer_self_attention_layers.%d".formatted(i);
      query = x.plus(places);
      h = attention(query, query, x, name + ".self_attn");
      x = norm(h.plus(x), name + ".norm");
      name = prefix + "transformer_ffn_layers.%d".formatted(i);
      x = norm(feedForward(x, name).plus(x), name + ".norm");
    }
    Value found = norm(x, prefix + "decoder_norm");
    int classes = stored.side(prefix + "class_embed.weight", 0);
    Value masks =
        masks(found, flat(features.finest()))
            .reshape(1, count, features.finest().rows(), features.finest().columns());
    return new Found(layers.linear(prefix + "class_embed", width, classes).apply(found), masks);
  }

  /** All queries but the last: what the task asks of the finest map. */
  private Value asked(Value finest, Value places, Value token, int count) {
    String name = prefix + "class_transformer.decoder.";
    Value values = new SinePositions(layers, width).of(finest.rows(), finest.columns());
    Value shown =
        layers.conv(prefix + "class_input_proj", Convolution.of(width, width, 1)).apply(finest);
    Value keys = values.plus(shown.toSequence(width));
    Value x = token.expand(1, count - 1, width);
    Value where = places.narrow(1, 0, count - 1);
    int blocks = stored.count(name + "layers.", ".norm1.weight");
    for (int i = 0; i < blocks; i++) {
      String block = name + "layers.%d".formatted(i);
      Value query = x.plus(where);
      Value h = attention(query, query, x, block + ".self_attn");
      x = norm(h.plus(x), block + ".norm1");
      h = attention(x.plus(where), keys, values, block + ".multihead_attn");
      x = norm(h.plus(x), block + ".norm2");
      x = norm(feedForward(x, block).plus(x), block + ".norm3");
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
  private record Level(Value keys, Value values, Value masks) {}

  private List<Level> levels(PixelDecoder.Features features) {
    int count = features.maps().size();
    Value embedded = layers.weight(prefix + "level_embed.weight", count, width);
    List<Level> levels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Value map = features.maps().get(i);
      Value values = map.toSequence(width).plus(embedded.select(0, i));
      // masks could be resized instead, but they are as many as there are queries
      Value masks = flat(features.finest().resizeLike(map, false));
      levels.add(new Level(values.plus(features.positions().get(i)), values, masks));
    }
    return levels;
  }

  /** [1, width, rows, columns] to [width, rows x columns], a view of the order in memory. */
  private Value flat(Value map) {
    return map.toSequence(width).select(0, 0).t();
  }

  /** Logits of masks: [queries, places]. */
  private Value masks(Value found, Value map) {
    Value h = found;
    int last = stored.count(prefix + "mask_embed.layers.", ".weight") - 1;
    for (int i = 0; i <= last; i++) {
      h = layers.linear(prefix + "mask_embed.layers." + i, width, width).apply(h);
      h = i < last ? h.relu() : h;
    }
    return h.select(0, 0).matmul(map);
  }

  /** Where queries look: on their masks, or everywhere if these are empty. */
  private Value seen(Value masks) {
    Value on = masks.sigmoid().reaches(0.5);
    return on.or(on.any(1).not());
  }

  private Value attention(Value query, Value keys, Value values, String name, Value... scores) {
    StackedAttention.split(layers, stored, name, width);
    Value h =
        heads(query, name + ".q_proj")
            .attend(heads(keys, name + ".k_proj"), heads(values, name + ".v_proj"), width, scores);
    return layers.linear(name + ".out_proj", width, width).apply(h);
  }

  private Value heads(Value x, String name) {
    return layers.linear(name, width, width).apply(x).heads(width, HEADS);
  }

  private Value feedForward(Value x, String name) {
    int hidden = stored.side(name + ".linear1.weight", 0);
    return layers.feedForward(x, name, width, hidden);
  }

  private Value norm(Value x, String name) {
    return layers.layerNorm(name, width, EPSILON).apply(x);
  }
}
