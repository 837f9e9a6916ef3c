package io.github.controlnet.training;

/** Trains controls. {@code controlnet-core} provides the one that there is. */
public interface TrainerProvider {

  /**
   * Trains, and returns when it is done.
   *
   * @param plan what to do
   * @return what was made
   */
  TrainingResult train(TrainingPlan plan);
}
