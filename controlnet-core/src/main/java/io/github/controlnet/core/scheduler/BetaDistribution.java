package io.github.controlnet.core.scheduler;

/** The symmetric beta distribution on 0 to 1, whose density is (t (1 - t))^(shape - 1). */
final class BetaDistribution {
  /** More than doubles tell apart: each halves what is left. */
  private static final int HALVINGS = 100;

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
    double low = 0;
    double high = 0.5;
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (integral(middle) / half < 2 * share) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return (low + high) / 2;
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
