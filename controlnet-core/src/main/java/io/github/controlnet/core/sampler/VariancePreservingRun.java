package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.PredictionType;
import java.util.List;

/** A run over latents {@code x = sqrt(a) sample + sqrt(1 - a) noise}, one evaluation a step. */
abstract class VariancePreservingRun implements UnscaledRun {
  private final PredictionType type;
  private final List<NoiseLevel> levels;

  VariancePreservingRun(NoiseSchedule schedule, List<NoiseLevel> levels) {
    this.type = schedule.predictionType();
    this.levels = List.copyOf(levels);
  }

  /** The level before a step, or after the last. */
  final NoiseLevel level(int step) {
    return levels.get(step);
  }

  final Prediction parts(int index) {
    return Prediction.of(type, level(index).alphaBar());
  }

  @Override
  public final double alphaBar(int index) {
    return level(index).alphaBar();
  }

  @Override
  public final int evaluations() {
    return levels.size() - 1;
  }

  @Override
  public final double timestep(int index) {
    return level(index).timestep();
  }
}
