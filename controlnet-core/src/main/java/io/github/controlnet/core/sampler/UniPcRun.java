package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * UniPC of order 2, predicting samples: Zhao et al. 2023, arXiv:2302.04867, algorithms 5 and 6,
 * with B(h) = h ("bh1") or exp(h) - 1 ("bh2"). Each evaluation first corrects the step that led to
 * it, then predicts the next; with bh2 the predictor of second order is that of DPM-Solver++ (2M),
 * as the paper's section 3.3 notes. A step of first order, such as the last one, whose h is
 * infinite, has no use for B.
 */
final class UniPcRun extends VariancePreservingRun {
  private final DoubleUnaryOperator scaling;
  private final History samples = new History(2);
  private float[] corrected = new float[0];
  private int order = 1;

  /**
   * Starts a run.
   *
   * @param scaling the paper's B, of h, which is negative when samples are predicted
   */
  UniPcRun(NoiseSchedule schedule, List<NoiseLevel> levels, DoubleUnaryOperator scaling) {
    super(schedule, levels);
    this.scaling = scaling;
  }

  @Override
  public float[] step(int index, float[] prediction, float[] latents, NoiseSource noise) {
    float[] sample = parts(index).sample(latents, prediction);
    // A step of no length has nothing to correct, and keeps what it started from.
    boolean moved = samples.size() > 0 && level(index).sigma() != level(index - 1).sigma();
    corrected = moved ? correct(index, sample) : latents;
    samples.add(level(index), sample);
    return predict(index);
  }

  private float[] predict(int index) {
    ExponentialStep step = new ExponentialStep(level(index), level(index + 1), false);
    boolean last = index == evaluations() - 1;
    boolean moves = level(index).sigma() != level(index + 1).sigma();
    order = last || !moves ? 1 : samples.size();
    Mix next =
        new Mix(corrected.length)
            .plus(step.carry(), corrected)
            .plus(step.constant(), samples.value(0));
    if (order == 2) {
      double amount = -step.to().signal() * scaling.applyAsDouble(-step.length());
      double slope = amount / 2 * step.length() / gap();
      next.plus(slope, samples.value(0)).plus(-slope, samples.value(1));
    }
    return next.toFloats();
  }

  /** How far in lambda the newest sample is from the one before it. */
  private double gap() {
    return samples.level(0).lambda() - samples.level(1).lambda();
  }

  /** Repeats the step to this index, now that the sample at its end is known. */
  private float[] correct(int index, float[] sample) {
    ExponentialStep step = new ExponentialStep(level(index - 1), level(index), false);
    double h = -step.length();
    double base = scaling.applyAsDouble(h);
    double fromEnd = 0.5;
    double fromBefore = 0;
    double before = 1;
    if (order == 2) {
      // Two equations for two weights: differences of first and second order must come out right.
      double first = Math.expm1(h) / h - 1;
      double second = first / h - 0.5;
      before = -gap() / step.length();
      fromBefore = (first - 2 * second) / base / (1 - before);
      fromEnd = first / base - fromBefore;
    }
    double amount = -step.to().signal() * base;
    Mix next =
        new Mix(sample.length)
            .plus(step.carry(), corrected)
            .plus(step.constant() - amount * (fromBefore / before + fromEnd), samples.value(0))
            .plus(amount * fromEnd, sample);
    if (order == 2) {
      next.plus(amount * fromBefore / before, samples.value(1));
    }
    return next.toFloats();
  }
}
