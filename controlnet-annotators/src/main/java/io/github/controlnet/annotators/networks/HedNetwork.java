package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Activation;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Holistically-nested edge detection (S. Xie and Z. Tu, arXiv 1504.06375) as it is published in
 * ControlNetHED.pth: the convolutions of VGG 16 in five blocks, each with one channel of edges.
 *
 * <p>In: levels 0 to 255, R, G, B. Out: five maps of logits [1, 1, rows, columns], each half the
 * size of the one before.
 */
public final class HedNetwork implements Architecture {
  private static final int[] WIDTHS = {64, 128, 256, 512, 512};
  private static final int[] CONVOLUTIONS = {2, 2, 3, 3, 3};

  @Override
  public Graph graph(Map<String, TensorInfo> stored) {
    PictureGraph layers = new PictureGraph();
    Value h = layers.picture(3).minus(layers.weight("norm", 1, 3, 1, 1));
    int channels = 3;
    List<Value> edges = new ArrayList<>();
    for (int block = 0; block < WIDTHS.length; block++) {
      String name = "block" + (block + 1);
      if (block > 0) {
        h = h.maxPool(2, 2, 0);
      }
      for (int i = 0; i < CONVOLUTIONS[block]; i++) {
        h =
            layers
                .conv(name + ".convs." + i, Convolution.of(channels, WIDTHS[block], 3))
                .apply(h, Activation.RELU);
        channels = WIDTHS[block];
      }
      edges.add(layers.conv(name + ".projection", Convolution.of(channels, 1, 1)).apply(h));
    }
    return layers.giving(edges);
  }
}
