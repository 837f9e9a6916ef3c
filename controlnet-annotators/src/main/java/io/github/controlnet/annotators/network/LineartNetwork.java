package io.github.controlnet.annotators.network;

import io.github.controlnet.core.network.Convolution;
import io.github.controlnet.spi.engine.WeightSource.TensorInfo;
import java.util.Map;

/**
 * The generator of "Learning to generate line drawings that convey geometry and semantics" (C.
 * Chan, F. Durand and P. Isola, arXiv 2203.12691) with three residual blocks: sk_model.pth and
 * sk_model2.pth.
 *
 * <p>In: R, G, B, each 0 to 1, sides multiples of 4. Out: paper [1, 1, rows, columns], 1 white, 0 a
 * line.
 */
public final class LineartNetwork implements Architecture {
  private static final int WIDTH = 64;
  private static final int BLOCKS = 3;

  @Override
  public void write(Layers layers, Map<String, TensorInfo> stored) {
    String h = layers.reflectionPad(layers.begin(), 3);
    h = normRelu(layers, layers.conv(h, "model0.1", Convolution.of(3, WIDTH, 7).padding(0)));
    h = normRelu(layers, layers.conv(h, "model1.0", Convolution.of(WIDTH, 2 * WIDTH, 3).stride(2)));
    h =
        normRelu(
            layers, layers.conv(h, "model1.3", Convolution.of(2 * WIDTH, 4 * WIDTH, 3).stride(2)));
    Convolution inner = Convolution.of(4 * WIDTH, 4 * WIDTH, 3).padding(0);
    for (int i = 0; i < BLOCKS; i++) {
      String name = "model2." + i + ".conv_block.";
      String y = layers.conv(layers.reflectionPad(h, 1), name + "1", inner);
      y = layers.reflectionPad(normRelu(layers, y), 1);
      h = layers.add(h, layers.instanceNorm(layers.conv(y, name + "5", inner)));
    }
    h = larger(layers, h, "model3.0", 4 * WIDTH);
    h = larger(layers, h, "model3.3", 2 * WIDTH);
    h = layers.conv(layers.reflectionPad(h, 3), "model4.1", Convolution.of(WIDTH, 1, 7).padding(0));
    layers.end(layers.sigmoid(h));
  }

  private static String larger(Layers layers, String x, String name, int in) {
    return normRelu(
        layers, layers.convTranspose(x, name, Convolution.of(in, in / 2, 3).stride(2), 1));
  }

  private static String normRelu(Layers layers, String x) {
    return layers.relu_(layers.instanceNorm(x));
  }
}
