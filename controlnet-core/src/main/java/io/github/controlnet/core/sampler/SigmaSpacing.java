package io.github.controlnet.core.sampler;

import java.util.Locale;

/** How a solver's sigmas lie between the greatest and the least. */
enum SigmaSpacing {
  /** Where the timesteps put them. */
  TIMESTEPS {
    @Override
    double[] between(double most, double least, int steps) {
      throw new UnsupportedOperationException("timesteps decide");
    }
  },

  /** Evenly in their seventh root: Karras et al. 2022, arXiv:2206.00364, equation 5. */
  KARRAS {
    @Override
    double[] between(double most, double least, int steps) {
      double first = Math.pow(most, 1 / RHO);
      double last = Math.pow(least, 1 / RHO);
      double[] sigmas = new double[steps];
      for (int i = 0; i < steps; i++) {
        sigmas[i] = Math.pow(first + share(i, steps) * (last - first), RHO);
      }
      return sigmas;
    }
  },

  /** Evenly in their logarithm, so that their quotient stays the same. */
  EXPONENTIAL {
    @Override
    double[] between(double most, double least, int steps) {
      double[] sigmas = new double[steps];
      for (int i = 0; i < steps; i++) {
        sigmas[i] = most * Math.pow(least / most, share(i, steps));
      }
      return sigmas;
    }
  },

  /**
   * At the quantiles of a beta distribution, densely at both ends: Lee et al. 2024,
   * arXiv:2407.12173, with alpha and beta 0.6.
   */
  BETA {
    @Override
    double[] between(double most, double least, int steps) {
      BetaDistribution distribution = new BetaDistribution(0.6);
      double[] sigmas = new double[steps];
      for (int i = 0; i < steps; i++) {
        double quantile = distribution.quantile(1 - share(i, steps));
        sigmas[i] = least + quantile * (most - least);
      }
      return sigmas;
    }
  };

  private static final double RHO = 7;

  /** Sigmas in descending order, from the greatest to the least; one alone is the greatest. */
  abstract double[] between(double most, double least, int steps);

  private static double share(int index, int steps) {
    return steps == 1 ? 0 : (double) index / (steps - 1);
  }

  /** What it adds to a solver's name. */
  String suffix() {
    return this == TIMESTEPS ? "" : "_" + name().toLowerCase(Locale.ROOT);
  }
}
