package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;
import java.util.List;

/** Heun's method: Karras et al. 2022, arXiv:2206.00364, algorithm 1. */
final class HeunRun extends TwoStageRun {

  HeunRun(NoiseSchedule schedule, List<NoiseLevel> levels) {
    super(schedule, levels);
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
