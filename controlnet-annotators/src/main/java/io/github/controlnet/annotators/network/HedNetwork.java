package io.github.controlnet.annotators.network;

import io.github.controlnet.core.network.Convolution;
import io.github.controlnet.spi.engine.WeightSource.TensorInfo;
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
  public void write(Layers layers, Map<String, TensorInfo> stored) {
    String h = layers.let("torch.sub(%s, %s)", layers.begin(), layers.weight("norm", 1, 3, 1, 1));
    int channels = 3;
    List<String> edges = new ArrayList<>();
    for (int block = 0; block < WIDTHS.length; block++) {
      String name = "block" + (block + 1);
      if (block > 0) {
        h = layers.maxPool(h, 2, 2, 0);
      }
      for (int i = 0; i < CONVOLUTIONS[block]; i++) {
        h = layers.convRelu(h, name + ".convs." + i, Convolution.of(channels, WIDTHS[block], 3));
        channels = WIDTHS[block];
      }
      edges.add(layers.conv(h, name + ".projection", Convolution.of(channels, 1, 1)));
    }
    layers.end(edges.toArray(new String[0]));
  }
}
