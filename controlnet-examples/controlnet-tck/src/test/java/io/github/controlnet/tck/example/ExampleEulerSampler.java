package io.github.controlnet.tck.example;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.SamplerRun;
import io.github.controlnet.sampler.SamplingOptions;

// Euler's method: Karras et al. 2022, arXiv:2206.00364, algorithm 1 without correction.
public final class ExampleEulerSampler implements Sampler {

  @Override
  public String name() {
    return "example_euler";
  }

  @Override
  public SamplerRun start(NoiseSchedule schedule, SamplingOptions options) {
    return new Run(schedule, options.steps());
  }

  private record Run(NoiseSchedule schedule, int evaluations) implements SamplerRun {

    @Override
    public double timestep(int index) {
      double share = (double) (evaluations - index) / evaluations;
      return Math.max(0, Math.rint(share * schedule.timesteps()) - 1);
    }

    // The noise relative to the signal; 0 after the last step.
    private double sigma(int index) {
      if (index == evaluations) {
        return 0;
      }
      double alpha = schedule.alphaBar((int) timestep(index));
      return Math.sqrt((1 - alpha) / alpha);
    }

    @Override
    public double initialNoiseScale() {
      return Math.hypot(sigma(0), 1);
    }

    @Override
    public float[] scaleInput(int index, float[] latents) {
      float scale = (float) (1 / Math.hypot(sigma(index), 1));
      float[] scaled = latents.clone();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] *= scale;
      }
      return scaled;
    }

    @Override
    public float[] step(int index, float[] prediction, float[] latents, NoiseSource noise) {
      double sigma = sigma(index);
      double size = Math.hypot(sigma, 1);
      float[] next = new float[latents.length];
      for (int i = 0; i < next.length; i++) {
        double slope =
            switch (schedule.predictionType()) {
              case EPSILON -> prediction[i];
              case V_PREDICTION -> (prediction[i] + latents[i] * sigma / size) / size;
              case SAMPLE -> (latents[i] - prediction[i]) / sigma;
            };
        next[i] = (float) (latents[i] + (sigma(index + 1) - sigma) * slope);
      }
      return next;
    }

    @Override
    public float[] addNoise(int index, float[] sample, float[] noise) {
      float[] noised = sample.clone();
      for (int i = 0; i < noised.length; i++) {
        noised[i] += (float) sigma(index) * noise[i];
      }
      return noised;
    }
  }
}
