package io.github.controlnet.core.training;

import io.github.controlnet.training.ScheduleConfig;

/** The learning rate of each step: the shapes of diffusers' optimization.py. */
final class LearningRate {
  private static final double POLYNOMIAL_END = 1e-7;

  private final double rate;
  private final ScheduleConfig schedule;
  private final int steps;

  LearningRate(double rate, ScheduleConfig schedule, int steps) {
    this.rate = rate;
    this.schedule = schedule;
    this.steps = steps;
  }

  /**
   * Returns the rate of an update.
   *
   * @param step counted from 0
   */
  double at(int step) {
    int warmup = schedule.warmupSteps();
    if (step < warmup) {
      return rate * step / Math.max(1, warmup);
    }
    double progress = (double) (step - warmup) / Math.max(1, steps - warmup);
    return switch (schedule.type()) {
      case CONSTANT -> rate;
      case LINEAR -> rate * Math.max(0, 1 - progress);
      case COSINE -> rate * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
      case COSINE_WITH_RESTARTS ->
          progress >= 1
              ? 0
              : rate
                  * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * (schedule.cycles() * progress % 1))));
      case POLYNOMIAL ->
          progress >= 1
              ? POLYNOMIAL_END
              : (rate - POLYNOMIAL_END) * Math.pow(1 - progress, schedule.power()) + POLYNOMIAL_END;
    };
  }
}
