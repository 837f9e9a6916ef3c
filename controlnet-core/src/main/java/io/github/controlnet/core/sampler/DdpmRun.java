package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;

/**
 * The reverse process of Ho et al. 2020, arXiv:2006.11239, equations 6 and 7, over a subset of the
 * timesteps, with the posterior's variance ("fixed small").
 */
record DdpmRun(NoiseSchedule schedule, WholeTimesteps timesteps) implements UnscaledRun {

  @Override
  public int evaluations() {
    return timesteps.steps();
  }

  @Override
  public double timestep(int index) {
    return timesteps.timestep(index);
  }

  @Override
  public double alphaBar(int index) {
    return schedule.alphaBar(timesteps.timestep(index));
  }

  @Override
  public float[] step(int index, float[] prediction, float[] latents, NoiseSource noise) {
    int timestep = timesteps.timestep(index);
    double alpha = schedule.alphaBar(timestep);
    boolean last = index == timesteps.steps() - 1;
    double previous = last ? 1 : schedule.alphaBar(timesteps.timestep(index + 1));
    double beta = 1 - alpha / previous;
    float[] sample = Prediction.of(schedule.predictionType(), alpha).sample(latents, prediction);
    Mix next =
        new Mix(latents.length)
            .plus(Math.sqrt(previous) * beta / (1 - alpha), sample)
            .plus(Math.sqrt(1 - beta) * (1 - previous) / (1 - alpha), latents);
    if (timestep > 0) {
      // Drawn for the last step too, where it has no weight: the reference does the same.
      double variance = (1 - previous) / (1 - alpha) * beta;
      next.plus(Math.sqrt(variance), noise.next(latents.length));
    }
    return next.toFloats();
  }
}
