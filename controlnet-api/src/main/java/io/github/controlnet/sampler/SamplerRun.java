package io.github.controlnet.sampler;

/**
 * One run of a sampler over one batch. It is stepped by index, in order up to {@link
 * #evaluations()} - 1, and owns whatever state a multistep method needs. The first index is 0 when
 * sampling starts from noise; from an image it is that of a later step ({@link #evaluationOf}), and
 * a multistep method then begins as it does at 0, without history. Used by one thread.
 */
public interface SamplerRun {

  /**
   * Returns how often the network is asked.
   *
   * @return the number of calls of {@link #step}; more than the steps for methods of higher order
   */
  int evaluations();

  /**
   * Returns the timestep that the network is told.
   *
   * @param index 0 to {@link #evaluations()} - 1
   * @return the timestep, 0 to one less than the timesteps of the noise schedule; need not be whole
   */
  double timestep(int index);

  /**
   * Returns the standard deviation of the noise that sampling starts from.
   *
   * @return 1 for variance-preserving methods, the greatest sigma for others
   */
  double initialNoiseScale();

  /**
   * Scales latents to what the network expects.
   *
   * @param index 0 to {@link #evaluations()} - 1
   * @param latents the latents; not changed
   * @return the scaled latents; the same array when there is nothing to scale
   */
  float[] scaleInput(int index, float[] latents);

  /**
   * Goes one step.
   *
   * @param index the first index, then one more with each call
   * @param prediction what the network predicted, in the schedule's {@link PredictionType}
   * @param latents the latents before the step; not changed
   * @param noise fresh standard normal noise, for methods that need it
   * @return the latents after the step, a new array
   */
  float[] step(int index, float[] prediction, float[] latents, NoiseSource noise);

  /**
   * Returns the evaluation with which a step begins, where sampling may start part-way.
   *
   * @param step 0 to the number of steps asked for, less 1
   * @return its index; {@code step} for methods that ask once a step
   */
  default int evaluationOf(int step) {
    return step;
  }

  /**
   * Adds noise to a clean sample, as much as latents hold before an evaluation: what image to image
   * starts from, and what inpainting keeps outside the mask.
   *
   * @param index 0 to {@link #evaluations()} - 1
   * @param sample the clean sample; not changed
   * @param noise standard normal noise of the sample's length; not changed
   * @return the noised latents, a new array
   */
  float[] addNoise(int index, float[] sample, float[] noise);
}
