package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;
import java.util.List;

/**
 * DPM-Solver++ (2S), single-step: Lu et al. 2022, arXiv:2211.01095, algorithm 1. Steps go in pairs:
 * the first is of first order, the second starts again where the first did and uses both samples.
 * The last step, and of an even number the last two, are of first order.
 */
final class SingleStepRun extends VariancePreservingRun {
  private final History samples = new History(2);
  private float[] start = new float[0];

  SingleStepRun(NoiseSchedule schedule, List<NoiseLevel> levels) {
    super(schedule, levels);
  }

  private boolean isSecondOfPair(int index) {
    return index % 2 == 1 && index < evaluations() - 1 && samples.size() == 2;
  }

  @Override
  public float[] step(int index, float[] prediction, float[] latents, NoiseSource noise) {
    samples.add(level(index), parts(index).sample(latents, prediction));
    if (isSecondOfPair(index)) {
      return secondOfPair(index);
    }
    start = latents;
    ExponentialStep step = new ExponentialStep(level(index), level(index + 1), false);
    return new Mix(latents.length)
        .plus(step.carry(), latents)
        .plus(step.constant(), samples.value(0))
        .toFloats();
  }

  private float[] secondOfPair(int index) {
    ExponentialStep pair = new ExponentialStep(samples.level(1), level(index + 1), false);
    double gap = samples.level(0).lambda() - samples.level(1).lambda();
    double slope = pair.midpoint() * pair.length() / gap;
    return new Mix(start.length)
        .plus(pair.carry(), start)
        .plus(pair.constant() - slope, samples.value(1))
        .plus(slope, samples.value(0))
        .toFloats();
  }
}
