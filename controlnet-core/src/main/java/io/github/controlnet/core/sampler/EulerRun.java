package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;
import java.util.List;

/**
 * Euler's method: Karras et al. 2022, arXiv:2206.00364, algorithm 1 without its correction; or, as
 * "ancestral", a step further down and fresh noise up to the next level.
 */
final class EulerRun extends SigmaSpaceRun {
  private final boolean ancestral;

  EulerRun(NoiseSchedule schedule, List<NoiseLevel> levels, boolean ancestral) {
    super(schedule, levels);
    this.ancestral = ancestral;
  }

  @Override
  public int evaluations() {
    return steps();
  }

  @Override
  NoiseLevel asked(int index) {
    return level(index);
  }

  @Override
  public float[] step(int index, float[] prediction, float[] latents, NoiseSource noise) {
    double from = sigma(index);
    double to = sigma(index + 1);
    SigmaStep split = ancestral ? SigmaStep.ancestral(from, to) : SigmaStep.deterministic(to);
    Mix next =
        new Mix(latents.length)
            .plus(1, latents)
            .plus(split.down() - from, slope(index, prediction, latents));
    if (ancestral) {
      // Drawn for the last step too, where it has no weight: the reference does the same.
      next.plus(split.up(), noise.next(latents.length));
    }
    return next.toFloats();
  }
}
