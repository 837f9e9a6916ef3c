package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;
import java.util.List;

/**
 * Two evaluations a step: the first, of even index, leads to a trial point, the second from the
 * step's start to its end. The last step is a single one of Euler's, since there is no noise left
 * to ask the network about.
 */
abstract class TwoStageRun extends SigmaSpaceRun {
  private float[] start = new float[0];
  private float[] firstSlope = new float[0];

  TwoStageRun(NoiseSchedule schedule, List<NoiseLevel> levels) {
    super(schedule, levels);
  }

  /** Where the second evaluation of a step takes place. */
  abstract NoiseLevel trial(int step);

  /** Ends a step, given the slopes of both evaluations. */
  abstract float[] finish(
      int step, float[] start, float[] firstSlope, float[] secondSlope, NoiseSource noise);

  @Override
  public final int evaluations() {
    return 2 * steps() - 1;
  }

  @Override
  public final int evaluationOf(int step) {
    return 2 * step;
  }

  /** At a trial point that of the step's end, wherever the trial is: as diffusers does. */
  @Override
  final NoiseLevel held(int index) {
    return level((index + 1) / 2);
  }

  @Override
  final NoiseLevel asked(int index) {
    return index % 2 == 0 ? level(index / 2) : trial(index / 2);
  }

  @Override
  public final float[] step(int index, float[] prediction, float[] latents, NoiseSource noise) {
    int step = index / 2;
    float[] slope = slope(index, prediction, latents);
    if (index % 2 == 1) {
      return finish(step, start, firstSlope, slope, noise);
    }
    start = latents;
    firstSlope = slope;
    double target = step == steps() - 1 ? sigma(step + 1) : trial(step).sigma();
    return new Mix(latents.length).plus(1, latents).plus(target - sigma(step), slope).toFloats();
  }
}
