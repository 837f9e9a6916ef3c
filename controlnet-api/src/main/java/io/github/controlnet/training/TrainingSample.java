package io.github.controlnet.training;

import java.nio.file.Path;

/**
 * An image that is painted now and then during a training, always from the same noise.
 *
 * @param controlImage a control map
 * @param prompt the prompt
 * @param seed the seed of the noise
 * @param steps sampling steps
 * @param guidanceScale how much the prompt counts
 */
public record TrainingSample(
    Path controlImage, String prompt, long seed, int steps, double guidanceScale) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException when one is out of its range
   */
  public TrainingSample {
    Checks.nonNull(controlImage, "the control image");
    Checks.nonNull(prompt, "the prompt");
    Checks.between(steps, 1, 1000, "steps");
    Checks.between(guidanceScale, 0, 1000, "guidanceScale");
  }

  /**
   * Returns the usual values.
   *
   * @param controlImage see the record
   * @param prompt see the record
   * @return the values
   */
  public static TrainingSample defaults(Path controlImage, String prompt) {
    return new TrainingSample(controlImage, prompt, 42, 20, 9);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #controlImage()}
   * @return a new record
   * @throws NullPointerException when it is null
   */
  public TrainingSample withControlImage(Path value) {
    return new TrainingSample(value, prompt, seed, steps, guidanceScale);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #prompt()}
   * @return a new record
   * @throws NullPointerException when it is null
   */
  public TrainingSample withPrompt(String value) {
    return new TrainingSample(controlImage, value, seed, steps, guidanceScale);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #seed()}
   * @return a new record
   */
  public TrainingSample withSeed(long value) {
    return new TrainingSample(controlImage, prompt, value, steps, guidanceScale);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #steps()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public TrainingSample withSteps(int value) {
    return new TrainingSample(controlImage, prompt, seed, value, guidanceScale);
  }

  /**
   * Changes one value.
   *
   * @param value the new {@link #guidanceScale()}
   * @return a new record
   * @throws IllegalArgumentException when it is outside its range
   */
  public TrainingSample withGuidanceScale(double value) {
    return new TrainingSample(controlImage, prompt, seed, steps, value);
  }
}
