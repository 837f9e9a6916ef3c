package io.github.controlnet.core.pipeline.plan;

import io.github.controlnet.GenerationRequest;
import io.github.controlnet.InitImage;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.sampler.NoiseSource;
import io.github.controlnet.sampler.SamplerRun;

/**
 * The last part of a run, counted from 0: what a denoising strength leaves of it. As many steps are
 * kept as diffusers keeps (Meng et al. 2021, arXiv:2108.01073, section 3).
 *
 * @param run the whole run
 * @param first the evaluation that it begins with
 */
record LateStart(SamplerRun run, int first) implements SamplerRun {

  /** How many steps a request does. */
  static int kept(GenerationRequest request) {
    int steps = request.sampling().steps();
    double strength = request.initImage().map(InitImage::strength).orElse(1.0);
    int kept = request.stepsRun();
    if (kept == 0) {
      throw new InvalidRequestException(
          "The denoising strength %s leaves none of %d steps; expected at least %s, or more steps."
              .formatted(strength, steps, Math.ceil(1000.0 / steps) / 1000));
    }
    return kept;
  }

  @Override
  public int evaluations() {
    return run.evaluations() - first;
  }

  @Override
  public double timestep(int index) {
    return run.timestep(first + index);
  }

  @Override
  public double initialNoiseScale() {
    return run.initialNoiseScale();
  }

  @Override
  public float[] scaleInput(int index, float[] latents) {
    return run.scaleInput(first + index, latents);
  }

  @Override
  public float[] step(int index, float[] prediction, float[] latents, NoiseSource noise) {
    return run.step(first + index, prediction, latents, noise);
  }

  @Override
  public float[] addNoise(int index, float[] sample, float[] noise) {
    return run.addNoise(first + index, sample, noise);
  }
}
