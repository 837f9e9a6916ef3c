package io.github.controlnet.spi.scheduler;

/**
 * One run of a scheduler over one batch. It is stepped by index, from 0 to {@link #evaluations()} -
 * 1 in order, and owns whatever state a multistep method needs. Used by one thread.
 */
public interface SchedulerRun {

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
   * @param index 0, then 1, and so on
   * @param prediction what the network predicted, in the schedule's {@link PredictionType}
   * @param latents the latents before the step; not changed
   * @param noise fresh standard normal noise, for methods that need it
   * @return the latents after the step, a new array
   */
  float[] step(int index, float[] prediction, float[] latents, NoiseSource noise);
}
