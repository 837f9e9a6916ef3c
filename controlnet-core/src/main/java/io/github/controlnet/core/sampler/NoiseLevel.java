package io.github.controlnet.core.sampler;

/**
 * A point on the way from noise to sample.
 *
 * @param timestep what the network is told; need not be whole
 * @param sigma the noise relative to the signal, {@code sqrt((1 - a) / a)} for alpha-bar a: the
 *     sigma of Karras et al. 2022 (arXiv:2206.00364); 0 for the clean sample
 */
record NoiseLevel(double timestep, double sigma) {

  double alphaBar() {
    return 1 / (sigma * sigma + 1);
  }

  /** The factor of the sample in variance-preserving latents. */
  double signal() {
    return 1 / Math.hypot(sigma, 1);
  }

  /** The factor of the noise in variance-preserving latents. */
  double spread() {
    return sigma / Math.hypot(sigma, 1);
  }

  /** Half the logarithm of the signal-to-noise ratio: lambda of Lu et al. 2022. */
  double lambda() {
    return -Math.log(sigma);
  }
}
