package io.github.controlnet.annotators.network;

/**
 * A square convolution.
 *
 * @param in input channels
 * @param out output channels
 * @param side rows and columns of the kernel
 * @param stride in both directions
 * @param padding zeros on each side
 * @param dilation in both directions
 * @param groups of channels
 * @param bias whether there is one
 */
record Conv(
    int in, int out, int side, int stride, int padding, int dilation, int groups, boolean bias) {

  /** A convolution that keeps the size of the picture. */
  static Conv of(int in, int out, int side) {
    return new Conv(in, out, side, 1, side / 2, 1, 1, true);
  }

  Conv stride(int value) {
    return new Conv(in, out, side, value, padding, dilation, groups, bias);
  }

  Conv padding(int value) {
    return new Conv(in, out, side, stride, value, dilation, groups, bias);
  }

  /** Spreads the kernel and keeps the size of the picture. */
  Conv dilation(int value) {
    return new Conv(in, out, side, stride, value * (side / 2), value, groups, bias);
  }

  Conv groups(int value) {
    return new Conv(in, out, side, stride, padding, dilation, value, bias);
  }

  Conv noBias() {
    return new Conv(in, out, side, stride, padding, dilation, groups, false);
  }
}
