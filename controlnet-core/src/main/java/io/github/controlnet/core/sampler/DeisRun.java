package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;
import java.util.List;

/**
 * DEIS with polynomials in log rho (rho AB), of order 2: Zhang and Chen 2022, arXiv:2204.13902,
 * equations 14 and 15. The noise is extrapolated as a line in the logarithm of sigma, which the
 * paper calls rho, and integrated over sigma. Of fewer than 15 steps the last is of first order.
 */
final class DeisRun extends VariancePreservingRun {
  private static final int FEW_STEPS = 15;

  private final History noises = new History(2);

  DeisRun(NoiseSchedule schedule, List<NoiseLevel> levels) {
    super(schedule, levels);
  }

  @Override
  public float[] step(int index, float[] prediction, float[] latents, NoiseSource noise) {
    NoiseLevel from = level(index);
    NoiseLevel to = level(index + 1);
    noises.add(from, parts(index).noise(latents, prediction));
    boolean simple = index == evaluations() - 1 && evaluations() < FEW_STEPS;
    Mix next = new Mix(latents.length).plus(to.signal() / from.signal(), latents);
    if (noises.size() == 1 || simple) {
      next.plus(to.signal() * (to.sigma() - from.sigma()), noises.value(0));
    } else {
      double older = noises.level(1).sigma();
      next.plus(to.signal() * weight(from.sigma(), older, from, to), noises.value(0))
          .plus(to.signal() * weight(older, from.sigma(), from, to), noises.value(1));
    }
    return next.toFloats();
  }

  /** The integral of the line that is 1 at one sigma and 0 at another. */
  private static double weight(double one, double zero, NoiseLevel from, NoiseLevel to) {
    return (antiderivative(to.sigma(), zero) - antiderivative(from.sigma(), zero))
        / Math.log(one / zero);
  }

  private static double antiderivative(double sigma, double zero) {
    return sigma * (Math.log(sigma / zero) - 1);
  }
}
