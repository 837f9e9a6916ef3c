package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.PredictionType;

/**
 * How the clean sample and the noise follow from latents {@code x = sqrt(a) sample + sqrt(1 - a)
 * noise} and the network's prediction: each is a sum of the two with these factors.
 */
record Prediction(
    double sampleFromLatents,
    double sampleFromPrediction,
    double noiseFromLatents,
    double noiseFromPrediction) {

  /**
   * Computes the factors.
   *
   * @param type what the network predicts
   * @param alpha alpha-bar, in [0, 1); where it is 0 no sample follows from noise, and the factors
   *     of predicted noise are those of {@link SigmaTable#LEAST_ALPHA_BAR}
   */
  static Prediction of(PredictionType type, double alpha) {
    boolean noSignal = alpha == 0 && type == PredictionType.EPSILON;
    double signal = Math.sqrt(noSignal ? SigmaTable.LEAST_ALPHA_BAR : alpha);
    double spread = Math.sqrt(1 - alpha);
    return switch (type) {
      case EPSILON -> new Prediction(1 / signal, -spread / signal, 0, 1);
      case V_PREDICTION -> new Prediction(signal, -spread, spread, signal);
      case SAMPLE -> new Prediction(0, 1, 1 / spread, -signal / spread);
    };
  }

  /** The clean sample that these latents and this prediction stand for. */
  float[] sample(float[] latents, float[] prediction) {
    return new Mix(latents.length)
        .plus(sampleFromLatents, latents)
        .plus(sampleFromPrediction, prediction)
        .toFloats();
  }

  /** The noise that these latents and this prediction stand for. */
  float[] noise(float[] latents, float[] prediction) {
    return new Mix(latents.length)
        .plus(noiseFromLatents, latents)
        .plus(noiseFromPrediction, prediction)
        .toFloats();
  }

  /** Clean sample and noise, mixed anew. */
  float[] remixed(double signal, double spread, float[] latents, float[] prediction) {
    return new Mix(latents.length)
        .plus(signal * sampleFromLatents + spread * noiseFromLatents, latents)
        .plus(signal * sampleFromPrediction + spread * noiseFromPrediction, prediction)
        .toFloats();
  }
}
