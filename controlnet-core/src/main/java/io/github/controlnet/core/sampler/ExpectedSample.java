package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;

/**
 * What finished latents are expected to be, by one prediction of the network: what the samplers
 * whose steps lead there take them to be (Song et al. 2020, arXiv:2010.02502, equation 9).
 */
public final class ExpectedSample {
  private ExpectedSample() {}

  /**
   * Computes it.
   *
   * @param schedule the noise schedule that was sampled with
   * @param timestep the timestep that the network was told, 0 or more; need not be whole
   * @param input what the network saw, {@code sqrt(a) sample + sqrt(1 - a) noise}
   * @param prediction what it predicted, in the schedule's prediction type
   * @return the sample
   */
  public static float[] of(
      NoiseSchedule schedule, double timestep, float[] input, float[] prediction) {
    double sigma = new SigmaTable(schedule).at(timestep);
    NoiseLevel level = new NoiseLevel(timestep, sigma);
    return Prediction.of(schedule.predictionType(), level.alphaBar()).sample(input, prediction);
  }
}
