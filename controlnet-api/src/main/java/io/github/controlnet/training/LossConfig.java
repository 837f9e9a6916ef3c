package io.github.controlnet.training;

/**
 * What a training minimises.
 *
 * @param type how differences count
 * @param minSnrGamma gamma of min-SNR weighting (Hang et al. 2023, arXiv:2303.09556), usually 5; 0
 *     for none
 * @param promptDropRate the share of prompts replaced by an empty one, 0 to 1; the paper's 0.5
 */
public record LossConfig(LossType type, double minSnrGamma, double promptDropRate) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException when one is out of its range
   */
  public LossConfig {
    Checks.nonNull(type, "the type of the loss");
    Checks.between(minSnrGamma, 0, 1e6, "minSnrGamma");
    Checks.between(promptDropRate, 0, 1, "promptDropRate");
  }

  /**
   * Returns the usual values.
   *
   * @return the values
   */
  public static LossConfig defaults() {
    return new LossConfig(LossType.L2, 0, 0.5);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #type()}
   * @return a new record
   * @throws NullPointerException when it is null
   */
  public LossConfig withType(LossType value) {
    return new LossConfig(value, minSnrGamma, promptDropRate);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #minSnrGamma()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public LossConfig withMinSnrGamma(double value) {
    return new LossConfig(type, value, promptDropRate);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #promptDropRate()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public LossConfig withPromptDropRate(double value) {
    return new LossConfig(type, minSnrGamma, value);
  }
}
