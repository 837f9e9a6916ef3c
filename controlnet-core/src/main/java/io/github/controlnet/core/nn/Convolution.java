package io.github.controlnet.core.nn;

/**
 * A square convolution. Kernels are [out, in / groups, side, side], those of transposed
 * convolutions [in, out / groups, side, side].
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
public record Convolution(
    int in, int out, int side, int stride, int padding, int dilation, int groups, boolean bias) {

  /** A convolution that keeps the size of the picture, of an odd side. */
  public static Convolution of(int in, int out, int side) {
    return new Convolution(in, out, side, 1, side / 2, 1, 1, true);
  }

  /** The shape of its kernels. */
  public long[] kernels() {
    return new long[] {out, in / groups, side, side};
  }

  /** The shape of its kernels where it is a transposed one. */
  public long[] transposedKernels() {
    return new long[] {in, out / groups, side, side};
  }

  public Convolution stride(int value) {
    return new Convolution(in, out, side, value, padding, dilation, groups, bias);
  }

  public Convolution padding(int value) {
    return new Convolution(in, out, side, stride, value, dilation, groups, bias);
  }

  /** Spreads the kernel and keeps the size of the picture. */
  public Convolution dilation(int value) {
    return new Convolution(in, out, side, stride, value * (side / 2), value, groups, bias);
  }

  public Convolution groups(int value) {
    return new Convolution(in, out, side, stride, padding, dilation, value, bias);
  }

  /** Says whether there is a bias. */
  public Convolution withBias(boolean value) {
    return new Convolution(in, out, side, stride, padding, dilation, groups, value);
  }

  public Convolution noBias() {
    return withBias(false);
  }
}
