package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Activation;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Value;
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
record DenseDecoder(PictureGraph layers, String name, int width) {

  /**
   * Fuses maps.
   *
   * @param maps the finest first
   * @param channels of the maps
   * @return [1, width, rows, columns], twice the size of the finest map
   */
  Value fuse(List<Value> maps, int... channels) {
    List<Value> stages = stages(maps, channels);
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
  List<Value> stages(List<Value> maps, int... channels) {
    List<Value> stages = new ArrayList<>();
    for (int i = maps.size() - 1; i >= 0; i--) {
      String block = name + "refinenet" + (i + 1);
      Convolution in = Convolution.of(channels[i], width, 3).noBias();
      Value map = layers.conv(name + "layer%d_rn".formatted(i + 1), in).apply(maps.get(i));
      Value h = map;
      if (stages.isEmpty()) {
        stages.add(map);
      } else {
        h = residual(map, block + ".resConfUnit1").plus(stages.get(stages.size() - 1));
      }
      h = residual(h, block + ".resConfUnit2");
      // a convolution of single pixels and the enlargement may change places
      h = layers.conv(block + ".out_conv", Convolution.of(width, width, 1)).apply(h);
      h = i == 0 ? h.enlarge(true) : h.resizeLike(maps.get(i - 1), true);
      stages.add(h);
    }
    return stages;
  }

  private Value residual(Value x, String unit) {
    Convolution conv = Convolution.of(width, width, 3);
    Value h = layers.conv(unit + ".conv1", conv).apply(x.relu(), Activation.RELU);
    return layers.conv(unit + ".conv2", conv).apply(h).plus(x);
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
  Value head(
      Value x, String first, String second, String third, int hidden, Value rows, Value columns) {
    return last(features(x, first, second, hidden, rows, columns), third, hidden);
  }

  /** The head without its last layer: [1, hidden, rows, columns], 0 or more. */
  Value features(Value x, String first, String second, int hidden, Value rows, Value columns) {
    Value h = layers.conv(first, Convolution.of(width, width / 2, 3)).apply(x);
    h = h.resize(rows, columns, true);
    return layers.conv(second, Convolution.of(width / 2, hidden, 3)).apply(h, Activation.RELU);
  }

  /** The last layer of the head. */
  Value last(Value features, String third, int hidden) {
    return layers.conv(third, Convolution.of(hidden, 1, 1)).apply(features, Activation.RELU);
  }
}
