package io.github.controlnet.engine;

/**
 * An engine on which control networks learn. What an {@link Engine} has to do is enough to
 * generate; one that can train implements this interface besides, and {@link
 * io.github.controlnet.training.ControlNetTrainer} asks for it by the engine's name.
 *
 * <p>The trainer draws all random numbers, adds the noise and decides about learning rate, clipping
 * and the moving average; the engine computes losses and gradients, and updates weights.
 */
public interface TrainingEngine extends Engine {

  /**
   * Chooses the number type in which products and convolutions of a training are computed.
   *
   * @param asked what was asked for
   * @return never {@link Precision#AUTO}
   * @throws io.github.controlnet.exception.InvalidRequestException when the engine does not train
   *     in it
   */
  Precision trainingPrecision(Precision asked);

  /**
   * Loads networks for training.
   *
   * @param spec what a step computes
   * @param weights the weights of U-Net and control under the scoped names of {@link
   *     TrainableControl}, and the {@link TrainableControl#state()} of an earlier training where
   *     there is one: then its weights, moments and moving average are restored, else moments begin
   *     with 0 and the average with the weights; read now, not later
   * @return the networks; the caller closes them before the engine
   * @throws io.github.controlnet.exception.WeightsException when a weight is missing or has another
   *     shape
   * @throws io.github.controlnet.exception.InvalidRequestException when the engine was not opened
   *     in {@link Precision#FLOAT32}, or does not train in the precision of the specification
   * @throws io.github.controlnet.exception.EngineException when computing fails
   */
  TrainableControl trainableControl(TrainingSpec spec, WeightSource weights);
}
