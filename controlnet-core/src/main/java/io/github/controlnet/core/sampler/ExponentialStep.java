package io.github.controlnet.core.sampler;

/**
 * One step of an exponential integrator in lambda over variance-preserving latents, with the clean
 * sample as what is extrapolated: DPM-Solver++, Lu et al. 2022, arXiv:2211.01095, equation 8 for
 * the differential equation and equation 18 for the stochastic one. The next latents are {@code
 * carry x + weight(0) D0 + weight(1) D1 + ...}, D0 being the sample at the start, D1 and D2 its
 * divided differences in lambda, in units of the step; and for the stochastic equation fresh noise
 * times {@link #freshNoise()}.
 *
 * @param from where the step starts; its sigma is above 0
 * @param to where it ends
 * @param stochastic whether the stochastic equation is solved
 */
record ExponentialStep(NoiseLevel from, NoiseLevel to, boolean stochastic) {

  /** The step in lambda; infinite when it ends without noise. */
  double length() {
    return to.lambda() - from.lambda();
  }

  /** The decay over the step: {@code exp(-h)}, or {@code exp(-2 h)} for the stochastic equation. */
  private double decay() {
    double ratio = to.sigma() / from.sigma();
    return stochastic ? ratio * ratio : ratio;
  }

  double carry() {
    double ratio = to.spread() / from.spread();
    return stochastic ? ratio * to.sigma() / from.sigma() : ratio;
  }

  /** The weight of the sample, taken to be constant over the step. */
  double constant() {
    return to.signal() * (1 - decay());
  }

  /** The weight of the first difference by the rule of the midpoint, of second order. */
  double midpoint() {
    return constant() / 2;
  }

  /** The weight of the first difference, integrated exactly. */
  double linear() {
    double length = stochastic ? 2 * length() : length();
    return to.signal() * ((decay() - 1) / length + 1);
  }

  /**
   * The weight of the second difference. For the stochastic equation the reference subtracts the
   * half that integration would add, and so does this.
   */
  double quadratic() {
    double length = stochastic ? 2 * length() : length();
    double half = stochastic ? -0.5 : 0.5;
    return to.signal() * ((1 - decay() - length) / (length * length) + half);
  }

  /** The standard deviation of fresh noise; 0 for the differential equation. */
  double freshNoise() {
    return stochastic ? to.spread() * Math.sqrt(Math.max(0, 1 - decay())) : 0;
  }
}
