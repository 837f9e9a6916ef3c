package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;

/**
 * Multistep sampling of latent consistency models: Luo et al. 2023, arXiv:2310.04378, algorithm 3;
 * the boundary condition as in Song et al. 2023, arXiv:2303.01469, equation 5, with data deviation
 * 0.5 and timesteps scaled by 10.
 */
final class LcmRun implements UnscaledRun {
  private static final double DATA_VARIANCE = 0.25;
  private static final double TIMESTEP_SCALE = 10;

  private final NoiseSchedule schedule;
  private final int[] timesteps;

  LcmRun(NoiseSchedule schedule, int[] timesteps) {
    this.schedule = schedule;
    this.timesteps = timesteps;
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
    double alpha = schedule.alphaBar(timesteps[index]);
    float[] sample = Prediction.of(schedule.predictionType(), alpha).sample(latents, prediction);
    double time = timesteps[index] * TIMESTEP_SCALE;
    double skip = DATA_VARIANCE / (time * time + DATA_VARIANCE);
    double out = time / Math.sqrt(time * time + DATA_VARIANCE);
    boolean last = index == timesteps.length - 1;
    double next = last ? 1 : schedule.alphaBar(timesteps[index + 1]);
    Mix mix =
        new Mix(latents.length)
            .plus(Math.sqrt(next) * out, sample)
            .plus(Math.sqrt(next) * skip, latents);
    if (!last) {
      mix.plus(Math.sqrt(1 - next), noise.next(latents.length));
    }
    return mix.toFloats();
  }
}
