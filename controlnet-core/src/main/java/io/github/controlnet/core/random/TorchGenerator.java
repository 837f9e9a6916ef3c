package io.github.controlnet.core.random;

/**
 * Random numbers, normally distributed and uniform, equal to those of PyTorch's generator on the
 * processor, so that a seed means the same picture here and there.
 *
 * <p>{@code new TorchGenerator(seed)} stands for {@code torch.Generator("cpu").manual_seed(seed)}
 * and {@link #randn} for {@code torch.randn(count, generator=...)} in float32. Every value is
 * within 2e-6 of PyTorch 2.7's; the last bits differ between PyTorch's own vector and scalar
 * builds, too. The state carries on from call to call: two calls for 8 numbers are not one call for
 * 16, here as there.
 *
 * <p>One generator belongs to one thread: it is not synchronised. Generators share nothing.
 */
public final class TorchGenerator {
  /** From this count on, the reference fills whole groups; below it, it draws number by number. */
  private static final int SMALLEST_FILL = 16;

  private static final int GROUP = 16;
  private static final int HALF = GROUP / 2;
  private static final float FLOAT_UNIT = 0x1p-24f;
  private static final double DOUBLE_UNIT = 0x1p-53;
  private static final float TWO_PI = (float) (2 * Math.PI);

  private final MersenneTwister bits;

  /** The second number of a pair drawn one by one, kept for the next small call. */
  private double spare;

  private boolean hasSpare;

  /**
   * Creates a generator.
   *
   * @param seed any number; like the reference, only its lower 32 bits count, so that 5 and 2^32 +
   *     5 give the same numbers, and -1 gives those of 2^32 - 1
   */
  public TorchGenerator(long seed) {
    this.bits = new MersenneTwister((int) seed);
  }

  /**
   * Draws numbers of mean 0 and variance 1.
   *
   * @param count how many, at least 0
   * @return that many numbers, equal to {@code torch.randn(count)}
   * @throws IllegalArgumentException when the count is negative
   */
  public float[] randn(int count) {
    requireCount(count);
    float[] values = new float[count];
    if (count >= SMALLEST_FILL) {
      fill(values);
    } else {
      for (int i = 0; i < count; i++) {
        values[i] = (float) nextNormal();
      }
    }
    return values;
  }

  /**
   * Draws numbers between two bounds.
   *
   * @param count how many, at least 0
   * @param from the smallest
   * @param to above the largest, up to rounding
   * @return that many numbers, equal to {@code torch.empty(count).uniform_(from, to)}
   * @throws IllegalArgumentException when the count is negative
   */
  public float[] uniform(int count, double from, double to) {
    requireCount(count);
    float first = (float) from;
    float range = (float) to - first;
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      // PyTorch's builds for processors of today round once here
      values[i] = Math.fma(nextUniformFloat(), range, first);
    }
    return values;
  }

  private static void requireCount(int count) {
    if (count < 0) {
      throw new IllegalArgumentException(
          "The count of random numbers is %d; expected at least 0.".formatted(count));
    }
  }

  private void fill(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = nextUniformFloat();
    }
    int start = 0;
    for (; start + GROUP <= values.length; start += GROUP) {
      toNormal(values, start);
    }
    if (start < values.length) {
      // The tail is no whole group: the last 16 are drawn afresh, overlapping the group before.
      start = values.length - GROUP;
      for (int i = start; i < values.length; i++) {
        values[i] = nextUniformFloat();
      }
      toNormal(values, start);
    }
  }

  /** Box-Muller on 16 uniforms in place, the i-th with the (i + 8)-th. */
  private static void toNormal(float[] values, int start) {
    for (int i = start; i < start + HALF; i++) {
      float u1 = 1 - values[i];
      float radius = (float) Math.sqrt(-2 * Math.log(u1));
      double angle = TWO_PI * values[i + HALF];
      values[i] = (float) (radius * Math.cos(angle));
      values[i + HALF] = (float) (radius * Math.sin(angle));
    }
  }

  private double nextNormal() {
    if (hasSpare) {
      hasSpare = false;
      return spare;
    }
    double u1 = nextUniformDouble();
    double u2 = nextUniformDouble();
    double radius = Math.sqrt(-2 * Math.log1p(-u2));
    double angle = 2 * Math.PI * u1;
    spare = radius * Math.sin(angle);
    hasSpare = true;
    return radius * Math.cos(angle);
  }

  private float nextUniformFloat() {
    return (bits.nextInt() & 0xffffff) * FLOAT_UNIT;
  }

  private double nextUniformDouble() {
    long high = bits.nextInt();
    long low = bits.nextInt() & 0xffffffffL;
    return (((high << 32) | low) & ((1L << 53) - 1)) * DOUBLE_UNIT;
  }
}
