package io.github.controlnet;

import io.github.controlnet.exception.EngineException;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * Is told of each finished step. It is called on the thread that generates; what it throws ends the
 * generation and reaches the caller of {@code generate}.
 */
@FunctionalInterface
public interface StepListener {

  /**
   * A step is finished.
   *
   * @param step which one; valid during the call only
   */
  void onStep(Step step);

  /** What is known after a step. */
  interface Step {
    /**
     * Returns the number of this step.
     *
     * @return 1 for the first, {@link #totalSteps()} for the last
     */
    int number();

    /**
     * Returns how many steps there are in all.
     *
     * @return the count, at least 1
     */
    int totalSteps();

    /**
     * Returns the timestep at which the networks were run.
     *
     * @return 0 to 999 for models trained with 1000 timesteps
     */
    double timestep();

    /**
     * Draws what the images look like by now. Without the autoencoder: a linear map from latents to
     * RGB, at an eighth of the size, which costs well under a hundredth of a step. By the
     * autoencoder of {@link ControlNetPipeline.Builder#preview}, where one was chosen: what the
     * finished images are expected to be, at their full size, drawn when it is asked for.
     *
     * @return one image for each image of the batch
     * @throws EngineException when the autoencoder fails
     */
    List<BufferedImage> preview();
  }
}
