package io.github.controlnet.core.sampler;

/** The symmetric beta distribution on 0 to 1, whose density is (t (1 - t))^(shape - 1). */
final class BetaDistribution {
  /** Enough for doubles: each of Newton's steps doubles the digits, and the first has two. */
  private static final int ITERATIONS = 6;

  private static final double SMALLEST = 1e-18;

  private final double shape;
  private final double half;

  BetaDistribution(double shape) {
    this.shape = shape;
    this.half = integral(0.5);
  }

  /**
   * Returns the value below which a share of the distribution lies.
   *
   * @param share 0 to 1
   */
  double quantile(double share) {
    if (share > 0.5) {
      return 1 - quantile(1 - share);
    }
    // Over y = x^shape the integral is almost a line, on which Newton's method goes straight.
    double target = 2 * share * half;
    double y = shape * target;
    double x = Math.pow(y, 1 / shape);
    for (int i = 0; i < ITERATIONS; i++) {
      y -= shape * Math.pow(1 - x, 1 - shape) * (integral(x) - target);
      x = Math.pow(y, 1 / shape);
    }
    return x;
  }

  /**
   * The density integrated from 0 to x, up to a factor: the power series of the incomplete beta
   * function (Abramowitz and Stegun 1964, 6.6.8 with 15.1.1), for x up to a half.
   */
  private double integral(double x) {
    double sum = 0;
    double term = 1;
    for (int n = 0; term > SMALLEST; n++) {
      sum += term / (shape + n);
      term *= (1 - shape + n) / (n + 1) * x;
    }
    return Math.pow(x, shape) * sum;
  }
}
