package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;

/**
 * Denoising diffusion implicit models: Song, Meng and Ermon 2020, arXiv:2010.02502, equations 12
 * and 16. Takes exactly the number of steps asked for, as diffusers does; equal to the original
 * code where that number divides the training timesteps.
 */
record DdimRun(NoiseSchedule schedule, WholeTimesteps timesteps, double eta)
    implements UnscaledRun {

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
    double alpha = schedule.alphaBar(timesteps.timestep(index));
    double previousAlpha = schedule.alphaBar(timesteps.previousTimestep(index));
    Prediction parts = Prediction.of(schedule.predictionType(), alpha);
    double sigma = eta * Math.sqrt((1 - previousAlpha) / (1 - alpha) * (1 - alpha / previousAlpha));
    double signal = Math.sqrt(previousAlpha);
    double direction = Math.sqrt(Math.max(0, 1 - previousAlpha - sigma * sigma));
    // Equation 12 is linear in the latents and the prediction: two factors do it all.
    double fromLatents = signal * parts.sampleFromLatents() + direction * parts.noiseFromLatents();
    double fromPrediction =
        signal * parts.sampleFromPrediction() + direction * parts.noiseFromPrediction();
    float[] next = new float[latents.length];
    for (int i = 0; i < next.length; i++) {
      next[i] = (float) (fromLatents * latents[i] + fromPrediction * prediction[i]);
    }
    if (eta > 0) {
      float[] fresh = noise.next(next.length);
      for (int i = 0; i < next.length; i++) {
        next[i] += (float) (sigma * fresh[i]);
      }
    }
    return next;
  }
}
