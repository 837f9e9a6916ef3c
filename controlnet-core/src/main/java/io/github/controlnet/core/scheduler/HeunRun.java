package io.github.controlnet.core.scheduler;

import io.github.controlnet.spi.scheduler.NoiseSource;
import io.github.controlnet.spi.scheduler.PredictionType;
import java.util.List;

/** Heun's method: Karras et al. 2022, arXiv:2206.00364, algorithm 1. */
final class HeunRun extends TwoStageRun {

  HeunRun(PredictionType type, List<NoiseLevel> levels) {
    super(type, levels);
  }

  @Override
  NoiseLevel trial(int step) {
    return level(step + 1);
  }

  @Override
  float[] finish(
      int step, float[] start, float[] firstSlope, float[] secondSlope, NoiseSource noise) {
    double half = (sigma(step + 1) - sigma(step)) / 2;
    return new Mix(start.length)
        .plus(1, start)
        .plus(half, firstSlope)
        .plus(half, secondSlope)
        .toFloats();
  }
}
