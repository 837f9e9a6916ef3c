package io.github.controlnet.training;

import java.nio.file.Path;
import java.util.List;

/**
 * Is told of a training's progress, on the thread that trains; what it throws ends the training.
 * Every method may be left out.
 */
public interface TrainingListener {

  /**
   * A training has begun or goes on.
   *
   * @param message where the data and the weights come from, and at which step it starts
   */
  default void onStart(String message) {}

  /**
   * An update is done.
   *
   * @param progress how far it is
   */
  default void onStep(TrainingProgress progress) {}

  /**
   * A checkpoint is complete.
   *
   * @param folder where it is; {@code control/} in it is a ControlNet that can be used
   */
  default void onCheckpoint(Path folder) {}

  /**
   * Sample images have been painted.
   *
   * @param files where they are
   */
  default void onSamples(List<Path> files) {}

  /**
   * Something is not as it should be, and the training goes on.
   *
   * @param message what it is
   */
  default void onWarning(String message) {}
}
