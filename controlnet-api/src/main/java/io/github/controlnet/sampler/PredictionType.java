package io.github.controlnet.sampler;

/** What the network predicts. */
public enum PredictionType {
  /** The noise that was added. */
  EPSILON,
  /**
   * The velocity of Salimans and Ho 2022 (arXiv:2202.00512): {@code sqrt(a) eps - sqrt(1-a) x0}.
   */
  V_PREDICTION,
  /** The clean sample. */
  SAMPLE
}
