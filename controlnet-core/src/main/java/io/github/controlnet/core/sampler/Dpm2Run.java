package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;
import java.util.List;

/**
 * The midpoint rule with the midpoint in the logarithm of sigma: DPM-Solver-2 of Lu et al. 2022
 * (arXiv:2206.00927, algorithm 1) in the variables of Karras et al. 2022 (arXiv:2206.00364); or, as
 * "ancestral", a step further down and fresh noise up to the next level.
 */
final class Dpm2Run extends TwoStageRun {
  private final SigmaTable table;
  private final boolean ancestral;

  Dpm2Run(NoiseSchedule schedule, List<NoiseLevel> levels, boolean ancestral) {
    super(schedule, levels);
    this.table = new SigmaTable(schedule);
    this.ancestral = ancestral;
  }

  private SigmaStep split(int step) {
    return ancestral
        ? SigmaStep.ancestral(sigma(step), sigma(step + 1))
        : SigmaStep.deterministic(sigma(step + 1));
  }

  @Override
  NoiseLevel trial(int step) {
    double middle = Math.sqrt(sigma(step) * split(step).down());
    return new NoiseLevel(table.timestep(middle), middle);
  }

  @Override
  float[] finish(
      int step, float[] start, float[] firstSlope, float[] secondSlope, NoiseSource noise) {
    SigmaStep split = split(step);
    Mix next = new Mix(start.length).plus(1, start).plus(split.down() - sigma(step), secondSlope);
    if (ancestral) {
      next.plus(split.up(), noise.next(start.length));
    }
    return next.toFloats();
  }
}
