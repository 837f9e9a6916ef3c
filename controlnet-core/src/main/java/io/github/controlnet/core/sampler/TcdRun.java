package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;

/**
 * Strategic stochastic sampling of trajectory consistency distillation: Zheng et al. 2024,
 * arXiv:2402.19159, algorithm 4, whose gamma is eta here: each step goes down to {@code (1 - eta)}
 * of the next timestep, and fresh noise leads back up to it.
 */
final class TcdRun implements UnscaledRun {
  private final NoiseSchedule schedule;
  private final int[] timesteps;
  private final double eta;

  TcdRun(NoiseSchedule schedule, int[] timesteps, double eta) {
    this.schedule = schedule;
    this.timesteps = timesteps;
    this.eta = eta;
  }

  @Override
  public int evaluations() {
    return timesteps.length;
  }

  @Override
  public double timestep(int index) {
    return timesteps[index];
  }

  @Override
  public double alphaBar(int index) {
    return schedule.alphaBar(timesteps[index]);
  }

  @Override
  public float[] step(int index, float[] prediction, float[] latents, NoiseSource noise) {
    boolean last = index == timesteps.length - 1;
    int next = last ? 0 : timesteps[index + 1];
    double down = schedule.alphaBar((int) Math.floor((1 - eta) * next));
    Prediction parts =
        Prediction.of(schedule.predictionType(), schedule.alphaBar(timesteps[index]));
    float[] lower = parts.remixed(Math.sqrt(down), Math.sqrt(1 - down), latents, prediction);
    if (last || eta == 0) {
      return lower;
    }
    double share = schedule.alphaBar(next) / down;
    return new Mix(latents.length)
        .plus(Math.sqrt(share), lower)
        .plus(Math.sqrt(Math.max(0, 1 - share)), noise.next(latents.length))
        .toFloats();
  }
}
