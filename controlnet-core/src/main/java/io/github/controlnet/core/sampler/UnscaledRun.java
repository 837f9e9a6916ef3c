package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.SamplerRun;

/**
 * A run over the latents that the network itself sees: {@code sqrt(a) sample + sqrt(1 - a) noise}.
 */
interface UnscaledRun extends SamplerRun {

  @Override
  default double initialNoiseScale() {
    return 1;
  }

  /** Alpha-bar of the latents before an evaluation. */
  double alphaBar(int index);

  @Override
  default float[] addNoise(int index, float[] sample, float[] noise) {
    double alpha = alphaBar(index);
    return new Mix(sample.length)
        .plus(Math.sqrt(alpha), sample)
        .plus(Math.sqrt(1 - alpha), noise)
        .toFloats();
  }

  @Override
  default float[] scaleInput(int index, float[] latents) {
    return latents;
  }
}
