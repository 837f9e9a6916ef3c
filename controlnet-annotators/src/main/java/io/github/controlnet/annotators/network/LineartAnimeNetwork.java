package io.github.controlnet.annotators.network;

import io.github.controlnet.core.network.Convolution;
import io.github.controlnet.spi.engine.WeightSource.TensorInfo;
import java.util.Map;

/**
 * The U-Net of pix2pix (P. Isola et al., arXiv 1611.07004) with eight halvings and instance norm,
 * trained on line drawings of anime: netG.pth.
 *
 * <p>In: R, G, B, each -1 to 1, sides multiples of 256. Out: paper [1, 1, rows, columns], 1 white,
 * -1 a line.
 */
public final class LineartAnimeNetwork implements Architecture {
  private static final int[] WIDTHS = {64, 128, 256, 512, 512, 512, 512, 512};

  @Override
  public void write(Layers layers, Map<String, TensorInfo> stored) {
    String h = layers.conv(layers.begin(), "model.model.0", down(3, WIDTHS[0]));
    h = inner(layers, h, "model.model.1", 1);
    h = layers.convTranspose(layers.relu_(h), "model.model.3", down(2 * WIDTHS[0], 1), 0);
    layers.end(layers.let("torch.tanh(%s)", h));
  }

  /** Everything below a picture, beside it; the activation happens to both. */
  private static String inner(Layers layers, String x, String name, int level) {
    int in = WIDTHS[level - 1];
    int width = WIDTHS[level];
    boolean innermost = level == WIDTHS.length - 1;
    String skip = layers.let("torch.leaky_relu_(%s, 0.2)", x);
    String h = layers.conv(skip, name + ".model.1", down(in, width));
    if (!innermost) {
      h = inner(layers, layers.instanceNorm(h), name + ".model.3", level + 1);
    }
    String up = name + ".model." + (innermost ? 3 : 5);
    h = layers.convTranspose(layers.relu_(h), up, down(innermost ? width : 2 * width, in), 0);
    return layers.cat(skip, layers.instanceNorm(h));
  }

  private static Convolution down(int in, int out) {
    return Convolution.of(in, out, 4).stride(2).padding(1);
  }
}
