package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;
import java.util.List;

/**
 * The linear multistep method of Adams and Bashforth, of order 4, over sigmas that need not be
 * evenly spaced: the flow's slope is taken to be the polynomial through the last four. (Hairer,
 * Norsett and Wanner 1993, section III.5; in the variables of Karras et al. 2022,
 * arXiv:2206.00364.)
 */
final class LmsRun extends SigmaSpaceRun {
  private static final int ORDER = 4;

  private final History slopes = new History(ORDER);

  LmsRun(NoiseSchedule schedule, List<NoiseLevel> levels) {
    super(schedule, levels);
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
    slopes.add(level(index), slope(index, prediction, latents));
    Mix next = new Mix(latents.length).plus(1, latents);
    for (int i = 0; i < slopes.size(); i++) {
      next.plus(weight(i, sigma(index), sigma(index + 1)), slopes.value(i));
    }
    return next.toFloats();
  }

  /**
   * The integral of one Lagrange polynomial: exact, since two nodes of Gauss suffice for cubics.
   */
  private double weight(int which, double from, double to) {
    double middle = (from + to) / 2;
    double reach = (to - from) / 2 / Math.sqrt(3);
    return (to - from) / 2 * (lagrange(which, middle - reach) + lagrange(which, middle + reach));
  }

  private double lagrange(int which, double sigma) {
    double own = slopes.level(which).sigma();
    double product = 1;
    for (int i = 0; i < slopes.size(); i++) {
      if (i != which) {
        double other = slopes.level(i).sigma();
        product *= (sigma - other) / (own - other);
      }
    }
    return product;
  }
}
