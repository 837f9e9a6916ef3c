package io.github.controlnet.training;

/** How far a prediction is from what it should be. */
public enum LossType {
  /** The mean square of the differences. */
  L2,
  /** The mean of the absolute differences. */
  L1
}
