package io.github.controlnet.core.training;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.PredictionType;

/** Adds noise, and says what the network is to make of it (Ho et al. 2020, arXiv:2006.11239). */
final class Diffusion {
  private final NoiseSchedule schedule;
  private final double gamma;

  /**
   * Starts with a schedule.
   *
   * @param gamma of min-SNR weighting, 0 for none
   */
  Diffusion(NoiseSchedule schedule, double gamma) {
    this.schedule = schedule;
    this.gamma = gamma;
  }

  int timesteps() {
    return schedule.timesteps();
  }

  /** Writes {@code sqrt(a) x + sqrt(1 - a) noise} from an offset on. */
  void noisy(float[] latents, float[] noise, int timestep, float[] out, int offset) {
    float signal = signal(timestep);
    float share = share(timestep);
    for (int i = 0; i < latents.length; i++) {
      out[offset + i] = signal * latents[i] + share * noise[i];
    }
  }

  /** Writes what is to be predicted from an offset on. */
  void target(float[] latents, float[] noise, int timestep, float[] out, int offset) {
    float signal = signal(timestep);
    float share = share(timestep);
    for (int i = 0; i < latents.length; i++) {
      out[offset + i] =
          switch (schedule.predictionType()) {
            case EPSILON -> noise[i];
            case V_PREDICTION -> signal * noise[i] - share * latents[i];
            case SAMPLE -> latents[i];
          };
    }
  }

  /**
   * Returns what the loss of an image counts: min-SNR (Hang et al. 2023, arXiv:2303.09556, section
   * 3.4), for v with the divisor of diffusers' trainers.
   */
  double weight(int timestep) {
    if (gamma == 0) {
      return 1;
    }
    double alpha = schedule.alphaBar(timestep);
    double snr = alpha / (1 - alpha);
    double least = Math.min(snr, gamma);
    PredictionType type = schedule.predictionType();
    return switch (type) {
      // where no signal is left, the limit
      case EPSILON -> snr == 0 ? 1 : least / snr;
      case V_PREDICTION -> least / (snr + 1);
      case SAMPLE -> least;
    };
  }

  private float signal(int timestep) {
    return (float) Math.sqrt(schedule.alphaBar(timestep));
  }

  private float share(int timestep) {
    return (float) Math.sqrt(1 - schedule.alphaBar(timestep));
  }
}
