package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.WeightSource.TensorInfo;
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
  public Graph graph(Map<String, TensorInfo> stored) {
    PictureGraph layers = new PictureGraph();
    Value h = layers.picture(3).reflectionPad(3);
    h = normRelu(layers.conv("model0.1", Convolution.of(3, WIDTH, 7).padding(0)).apply(h));
    h = normRelu(layers.conv("model1.0", Convolution.of(WIDTH, 2 * WIDTH, 3).stride(2)).apply(h));
    h =
        normRelu(
            layers.conv("model1.3", Convolution.of(2 * WIDTH, 4 * WIDTH, 3).stride(2)).apply(h));
    Convolution inner = Convolution.of(4 * WIDTH, 4 * WIDTH, 3).padding(0);
    for (int i = 0; i < BLOCKS; i++) {
      String name = "model2." + i + ".conv_block.";
      Value y = layers.conv(name + "1", inner).apply(h.reflectionPad(1));
      y = normRelu(y).reflectionPad(1);
      h = h.plus(layers.conv(name + "5", inner).apply(y).instanceNorm());
    }
    h = larger(layers, h, "model3.0", 4 * WIDTH);
    h = larger(layers, h, "model3.3", 2 * WIDTH);
    h = layers.conv("model4.1", Convolution.of(WIDTH, 1, 7).padding(0)).apply(h.reflectionPad(3));
    return layers.giving(h.sigmoid());
  }

  private static Value larger(PictureGraph layers, Value x, String name, int in) {
    return normRelu(
        layers.convTranspose(name, Convolution.of(in, in / 2, 3).stride(2), 1).apply(x));
  }

  private static Value normRelu(Value x) {
    return x.instanceNorm().relu();
  }
}
