package io.github.controlnet.core.sampler;

/**
 * How a step from one sigma to the next is split: a deterministic part down to {@code down}, and
 * fresh noise of standard deviation {@code up}, so that {@code down^2 + up^2} is the next sigma
 * squared.
 */
record SigmaStep(double down, double up) {

  static SigmaStep deterministic(double to) {
    return new SigmaStep(to, 0);
  }

  /** As much fresh noise as the reverse process of Ho et al. 2020 (equation 7) adds. */
  static SigmaStep ancestral(double from, double to) {
    double share = to / from;
    return new SigmaStep(to * share, to * Math.sqrt(1 - share * share));
  }
}
