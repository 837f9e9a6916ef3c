package io.github.controlnet;

import io.github.controlnet.internal.Values;
import java.util.Optional;

/**
 * A scale as a function of the step: how strongly a control or guidance acts over the steps of a
 * generation.
 */
@FunctionalInterface
public interface ScaleSchedule {

  /**
   * Returns the scale of a step. It is asked for every step before any network runs.
   *
   * @param step 0 for the first
   * @param steps how many steps run, at least 1
   * @return a finite number
   */
  double at(int step, int steps);

  /**
   * Returns the schedule as {@link #parse} reads it.
   *
   * @return empty for one that only code can tell
   */
  default Optional<String> text() {
    return Optional.empty();
  }

  /**
   * Reads a schedule.
   *
   * @param text a number for every step; {@code FROM..TO} for an even change from the first step's
   *     to the last's, such as {@code 1..0.2}; or one number for each step, such as {@code
   *     1,0.8,0.5}
   * @return the schedule
   * @throws IllegalArgumentException when it is none of these
   */
  static ScaleSchedule parse(String text) {
    return Scales.parse(Values.nonNull(text, "the scale"));
  }

  /**
   * Returns a scale that is the same in every step.
   *
   * @param scale a finite number
   * @return the schedule
   * @throws IllegalArgumentException when it is not finite
   */
  static ScaleSchedule constant(double scale) {
    return new Scales.Constant(scale);
  }

  /**
   * Returns a scale that changes evenly from the first step to the last.
   *
   * @param from the first step's
   * @param to the last step's
   * @return the schedule
   * @throws IllegalArgumentException when one is not finite
   */
  static ScaleSchedule linear(double from, double to) {
    return new Scales.Linear(from, to);
  }

  /**
   * Returns a scale for each step.
   *
   * @param scales as many finite numbers as there are steps; a generation with another number of
   *     steps is refused
   * @return the schedule
   * @throws IllegalArgumentException when there is none, or one is not finite
   */
  static ScaleSchedule perStep(double... scales) {
    return new Scales.Listed(scales);
  }
}
