package io.github.controlnet.core.scheduler;

import io.github.controlnet.spi.scheduler.PredictionType;

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
   * @param alpha alpha-bar, in (0, 1)
   */
  static Prediction of(PredictionType type, double alpha) {
    double signal = Math.sqrt(alpha);
    double spread = Math.sqrt(1 - alpha);
    return switch (type) {
      case EPSILON -> new Prediction(1 / signal, -spread / signal, 0, 1);
      case V_PREDICTION -> new Prediction(signal, -spread, spread, signal);
      case SAMPLE -> new Prediction(0, 1, 1 / spread, -signal / spread);
    };
  }
}
