package io.github.controlnet.sampler;

/**
 * What a request asks of a sampler.
 *
 * @param steps denoising steps, 1 to the number of timesteps of the noise schedule
 * @param eta the share of fresh noise in DDIM, 0 to 1; samplers without such a share ignore it
 */
public record SamplingOptions(int steps, double eta) {
  /** Checks the values. */
  public SamplingOptions {
    if (steps < 1) {
      throw new IllegalArgumentException(
          "The number of steps is %d; expected 1 or more.".formatted(steps));
    }
    if (!(eta >= 0 && eta <= 1)) {
      throw new IllegalArgumentException("Eta is %s; expected 0.0 to 1.0.".formatted(eta));
    }
  }
}
