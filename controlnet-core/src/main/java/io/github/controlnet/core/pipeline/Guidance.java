package io.github.controlnet.core.pipeline;

import java.util.Arrays;

/**
 * Classifier-free guidance: Ho and Salimans 2022, arXiv:2207.12598, equation 6, in the form {@code
 * uncond + g (cond - uncond)}.
 *
 * @param scale g; at 1 the unconditional branch drops out and is not computed
 */
record Guidance(double scale) {

  boolean isOn() {
    return scale != 1;
  }

  /**
   * Returns the number of branches that the networks compute: unconditional (if any), conditional.
   */
  int branches() {
    return isOn() ? 2 : 1;
  }

  /** Returns which of the branches is the conditional one: the last. */
  int conditionalBranch() {
    return branches() - 1;
  }

  /** Combines the branches of a prediction, [branches, ...], into one. */
  float[] combine(float[] prediction) {
    if (!isOn()) {
      return prediction;
    }
    int half = prediction.length / 2;
    float[] combined = Arrays.copyOf(prediction, half);
    float g = (float) scale;
    for (int i = 0; i < half; i++) {
      combined[i] += g * (prediction[half + i] - combined[i]);
    }
    return combined;
  }
}
