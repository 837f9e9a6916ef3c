package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Value;

/**
 * The U-Net of pix2pix (P. Isola et al., arXiv 1611.07004), which halves a picture down to a pixel
 * or a few and doubles it again, beside itself.
 *
 * @param layers where to write
 * @param in channels of the picture
 * @param widths channels after each halving
 * @param normed whether an instance norm follows the convolutions inside, which then have biases
 */
record SkippingUnet(PictureGraph layers, int in, int[] widths, boolean normed) {

  /**
   * Writes the network.
   *
   * @return one channel, -1 to 1
   */
  Value write(Value picture) {
    Value h = layers.conv("model.model.0", halving(in, widths[0]).withBias(normed)).apply(picture);
    h = inner(h, "model.model.1", 1);
    h = layers.convTranspose("model.model.3", halving(2 * widths[0], 1), 0).apply(h.relu());
    return h.tanh();
  }

  /** Everything below a picture, beside it; the activation happens to both. */
  private Value inner(Value x, String name, int level) {
    int outer = widths[level - 1];
    int width = widths[level];
    boolean innermost = level == widths.length - 1;
    Value skip = x.leakyRelu(0.2);
    Value h = layers.conv(name + ".model.1", halving(outer, width).withBias(normed)).apply(skip);
    if (!innermost) {
      h = inner(norm(h), name + ".model.3", level + 1);
    }
    String up = name + ".model." + (innermost ? 3 : 5);
    Convolution doubling = halving(innermost ? width : 2 * width, outer).withBias(normed);
    return skip.cat(1, norm(layers.convTranspose(up, doubling, 0).apply(h.relu())));
  }

  private Value norm(Value x) {
    return normed ? x.instanceNorm() : x;
  }

  private static Convolution halving(int in, int out) {
    return Convolution.of(in, out, 4).stride(2).padding(1);
  }
}
