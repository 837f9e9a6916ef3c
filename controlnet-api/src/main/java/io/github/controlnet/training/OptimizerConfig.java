package io.github.controlnet.training;

/**
 * The sizes of AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101).
 *
 * @param learningRate the learning rate, before the schedule
 * @param beta1 decay of the first moment, 0 to below 1
 * @param beta2 decay of the second moment, 0 to below 1
 * @param weightDecay weight decay, multiplied by the learning rate
 * @param epsilon added to the root of the second moment, above 0
 * @param gradientClip the largest norm of all gradients together; 0 for no limit
 * @param averageDecay decay of a moving average of the weights, which is then exported; 0 for none,
 *     usually 0.999 to 0.9999
 */
public record OptimizerConfig(
    double learningRate,
    double beta1,
    double beta2,
    double weightDecay,
    double epsilon,
    double gradientClip,
    double averageDecay) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException when one is out of its range
   */
  public OptimizerConfig {
    Checks.between(learningRate, 0, 10, "the learning rate");
    Checks.between(beta1, 0, Math.nextDown(1.0), "beta1");
    Checks.between(beta2, 0, Math.nextDown(1.0), "beta2");
    Checks.between(weightDecay, 0, 1e3, "the weight decay");
    Checks.between(epsilon, Double.MIN_NORMAL, 1, "epsilon");
    Checks.between(gradientClip, 0, 1e9, "gradientClip");
    Checks.between(averageDecay, 0, Math.nextDown(1.0), "averageDecay");
  }

  /**
   * Returns the usual values.
   *
   * @return the values
   */
  public static OptimizerConfig defaults() {
    return new OptimizerConfig(1e-5, 0.9, 0.999, 1e-2, 1e-8, 1, 0);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #learningRate()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public OptimizerConfig withLearningRate(double value) {
    return new OptimizerConfig(
        value, beta1, beta2, weightDecay, epsilon, gradientClip, averageDecay);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #beta1()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public OptimizerConfig withBeta1(double value) {
    return new OptimizerConfig(
        learningRate, value, beta2, weightDecay, epsilon, gradientClip, averageDecay);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #beta2()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public OptimizerConfig withBeta2(double value) {
    return new OptimizerConfig(
        learningRate, beta1, value, weightDecay, epsilon, gradientClip, averageDecay);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #weightDecay()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public OptimizerConfig withWeightDecay(double value) {
    return new OptimizerConfig(
        learningRate, beta1, beta2, value, epsilon, gradientClip, averageDecay);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #epsilon()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public OptimizerConfig withEpsilon(double value) {
    return new OptimizerConfig(
        learningRate, beta1, beta2, weightDecay, value, gradientClip, averageDecay);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #gradientClip()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public OptimizerConfig withGradientClip(double value) {
    return new OptimizerConfig(
        learningRate, beta1, beta2, weightDecay, epsilon, value, averageDecay);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #averageDecay()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public OptimizerConfig withAverageDecay(double value) {
    return new OptimizerConfig(
        learningRate, beta1, beta2, weightDecay, epsilon, gradientClip, value);
  }
}
