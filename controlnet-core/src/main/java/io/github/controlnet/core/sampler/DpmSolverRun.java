package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;
import java.util.List;

/**
 * DPM-Solver++, multistep: Lu et al. 2022, arXiv:2211.01095, algorithm 2 for order 2; order 3 by
 * the same expansion (arXiv:2206.00927, appendix B). Also its stochastic form (section 5).
 */
final class DpmSolverRun extends VariancePreservingRun {
  /** Below this many steps the last but one is of second order, for stability. */
  private static final int FEW_STEPS = 15;

  private final int order;
  private final boolean stochastic;
  private final History samples;

  DpmSolverRun(NoiseSchedule schedule, List<NoiseLevel> levels, int order, boolean stochastic) {
    super(schedule, levels);
    this.order = order;
    this.stochastic = stochastic;
    this.samples = new History(order);
  }

  @Override
  public float[] step(int index, float[] prediction, float[] latents, NoiseSource noise) {
    samples.add(level(index), parts(index).sample(latents, prediction));
    ExponentialStep step = new ExponentialStep(level(index), level(index + 1), stochastic);
    Mix next = extrapolate(step, latents, orderAt(index));
    if (stochastic) {
      next.plus(step.freshNoise(), noise.next(latents.length));
    }
    return next.toFloats();
  }

  private int orderAt(int index) {
    int possible = Math.min(order, samples.size());
    if (level(index + 1).sigma() == 0 || level(index + 1).sigma() == level(index).sigma()) {
      return 1;
    }
    boolean lastButOne = index == evaluations() - 2;
    return lastButOne && evaluations() < FEW_STEPS ? Math.min(possible, 2) : possible;
  }

  private Mix extrapolate(ExponentialStep step, float[] latents, int order) {
    Mix next =
        new Mix(latents.length).plus(step.carry(), latents).plus(step.constant(), samples.value(0));
    if (order == 2) {
      double slope = step.midpoint() * step.length() / gap(0);
      next.plus(slope, samples.value(0)).plus(-slope, samples.value(1));
    } else if (order == 3) {
      addThirdOrder(next, step);
    }
    return next;
  }

  /** How far in lambda a sample is from the one before it. */
  private double gap(int back) {
    return samples.level(back).lambda() - samples.level(back + 1).lambda();
  }

  private void addThirdOrder(Mix next, ExponentialStep step) {
    double near = gap(0) / step.length();
    double far = gap(1) / step.length();
    // D1 = nearSlope + near / (near + far) (nearSlope - farSlope), D2 = (nearSlope - farSlope) /
    // (near + far), where the slopes are differences of neighbours over their distance.
    double curvature = (step.linear() * near + step.quadratic()) / (near + far);
    double nearSlope = (step.linear() + curvature) / near;
    double farSlope = -curvature / far;
    next.plus(nearSlope, samples.value(0))
        .plus(farSlope - nearSlope, samples.value(1))
        .plus(-farSlope, samples.value(2));
  }
}
