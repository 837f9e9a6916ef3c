package io.github.controlnet.annotators.network;

import io.github.controlnet.core.network.Convolution;

/**
 * The U-Net of pix2pix (P. Isola et al., arXiv 1611.07004), which halves a picture down to a pixel
 * or a few and doubles it again, beside itself.
 *
 * @param layers where to write
 * @param in channels of the picture
 * @param widths channels after each halving
 * @param normed whether an instance norm follows the convolutions inside, which then have biases
 */
record SkippingUnet(Layers layers, int in, int[] widths, boolean normed) {

  /**
   * Writes the network.
   *
   * @return one channel, -1 to 1
   */
  String write(String picture) {
    String h = layers.conv(picture, "model.model.0", halving(in, widths[0]).withBias(normed));
    h = inner(h, "model.model.1", 1);
    h = layers.convTranspose(layers.relu_(h), "model.model.3", halving(2 * widths[0], 1), 0);
    return layers.let("torch.tanh(%s)", h);
  }

  /** Everything below a picture, beside it; the activation happens to both. */
  private String inner(String x, String name, int level) {
    int outer = widths[level - 1];
    int width = widths[level];
    boolean innermost = level == widths.length - 1;
    String skip = layers.let("torch.leaky_relu_(%s, 0.2)", x);
    String h = layers.conv(skip, name + ".model.1", halving(outer, width).withBias(normed));
    if (!innermost) {
      h = inner(norm(h), name + ".model.3", level + 1);
    }
    String up = name + ".model." + (innermost ? 3 : 5);
    Convolution doubling = halving(innermost ? width : 2 * width, outer).withBias(normed);
    return layers.cat(skip, norm(layers.convTranspose(layers.relu_(h), up, doubling, 0)));
  }

  private String norm(String x) {
    return normed ? layers.instanceNorm(x) : x;
  }

  private static Convolution halving(int in, int out) {
    return Convolution.of(in, out, 4).stride(2).padding(1);
  }
}
