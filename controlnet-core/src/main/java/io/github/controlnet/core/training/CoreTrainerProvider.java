package io.github.controlnet.core.training;

import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.training.TrainerProvider;
import io.github.controlnet.training.TrainingPlan;
import io.github.controlnet.training.TrainingResult;

/** Trains controls on any engine that can train. */
public final class CoreTrainerProvider implements TrainerProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public CoreTrainerProvider() {}

  @Override
  public TrainingResult train(TrainingPlan plan) {
    try (Closing resources = new Closing()) {
      return new Training(plan, resources).run();
    }
  }
}
