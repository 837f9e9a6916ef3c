package io.github.controlnet.annotators.network;

import io.github.controlnet.core.network.Convolution;
import java.util.ArrayList;
import java.util.List;

/**
 * The convolutional decoder of "Vision transformers for dense prediction" (R. Ranftl, A.
 * Bochkovskiy and V. Koltun, arXiv 2103.13413), which fuses maps of four resolutions from the
 * coarsest on.
 *
 * @param layers where to write
 * @param name of the decoder, with a dot at its end
 * @param width channels while maps are fused
 */
record DenseDecoder(Layers layers, String name, int width) {

  /**
   * Fuses maps.
   *
   * @param maps the finest first
   * @param channels of the maps
   * @return [1, width, rows, columns], twice the size of the finest map
   */
  String fuse(List<String> maps, int... channels) {
    List<String> stages = stages(maps, channels);
    return stages.get(stages.size() - 1);
  }

  /**
   * Fuses maps and returns what there is on the way.
   *
   * @param maps the finest first
   * @param channels of the maps
   * @return the coarsest map at its own size, then the result after each map, at the size of the
   *     next finer one, at last at twice the size of the finest; each with {@code width} channels
   */
  List<String> stages(List<String> maps, int... channels) {
    List<String> stages = new ArrayList<>();
    String h = "";
    for (int i = maps.size() - 1; i >= 0; i--) {
      String block = name + "refinenet" + (i + 1);
      Convolution in = Convolution.of(channels[i], width, 3).noBias();
      String map = layers.conv(maps.get(i), name + "layer%d_rn".formatted(i + 1), in);
      if (h.isEmpty()) {
        stages.add(map);
        h = map;
      } else {
        h = layers.add_(residual(map, block + ".resConfUnit1"), h);
      }
      h = residual(h, block + ".resConfUnit2");
      // a convolution of single pixels and the enlargement may change places
      h = layers.conv(h, block + ".out_conv", Convolution.of(width, width, 1));
      h = i == 0 ? layers.enlarge(h, true) : layers.resizeLike(h, maps.get(i - 1), true);
      stages.add(h);
    }
    return stages;
  }

  private String residual(String x, String unit) {
    Convolution conv = Convolution.of(width, width, 3);
    String h = layers.convRelu(layers.relu(x), unit + ".conv1", conv);
    return layers.add_(layers.conv(h, unit + ".conv2", conv), x);
  }

  /**
   * From fused maps to one value a pixel, 0 or more.
   *
   * @param first the name of the convolution before enlarging
   * @param second the name of the one after it
   * @param third the name of the last one
   * @param hidden channels between the two
   * @param rows of the result
   * @param columns of the result
   * @return [1, 1, rows, columns]
   */
  String head(
      String x,
      String first,
      String second,
      String third,
      int hidden,
      String rows,
      String columns) {
    return last(features(x, first, second, hidden, rows, columns), third, hidden);
  }

  /** The head without its last layer: [1, hidden, rows, columns], 0 or more. */
  String features(String x, String first, String second, int hidden, String rows, String columns) {
    String h = layers.conv(x, first, Convolution.of(width, width / 2, 3));
    h = layers.resize(h, rows, columns, true);
    return layers.convRelu(h, second, Convolution.of(width / 2, hidden, 3));
  }

  /** The last layer of the head. */
  String last(String features, String third, int hidden) {
    return layers.convRelu(features, third, Convolution.of(hidden, 1, 1));
  }
}
