package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;

/** The noise relative to the signal at each timestep of a schedule, and between them. */
final class SigmaTable {
  /** Stands for an alpha-bar of 0, whose sigma would be infinite; diffusers takes the same. */
  static final double LEAST_ALPHA_BAR = 0x1p-24;

  private final double[] sigmas;

  SigmaTable(NoiseSchedule schedule) {
    sigmas = new double[schedule.timesteps()];
    for (int i = 0; i < sigmas.length; i++) {
      double alpha = schedule.alphaBar(i);
      alpha = alpha == 0 ? LEAST_ALPHA_BAR : alpha;
      sigmas[i] = Math.sqrt((1 - alpha) / alpha);
    }
  }

  double least() {
    return sigmas[0];
  }

  double greatest() {
    return sigmas[sigmas.length - 1];
  }

  /** The sigma of a timestep, linear between whole ones. */
  double at(double timestep) {
    int below = (int) Math.min(Math.floor(timestep), sigmas.length - 2);
    double share = timestep - below;
    return (1 - share) * sigmas[below] + share * sigmas[below + 1];
  }

  /** The timestep of a sigma, linear in its logarithm; within the schedule whatever the sigma. */
  double timestep(double sigma) {
    int below = 0;
    while (below < sigmas.length - 2 && sigmas[below + 1] <= sigma) {
      below++;
    }
    double low = Math.log(sigmas[below]);
    double share = (Math.log(sigma) - low) / (Math.log(sigmas[below + 1]) - low);
    return below + Math.min(Math.max(share, 0), 1);
  }
}
