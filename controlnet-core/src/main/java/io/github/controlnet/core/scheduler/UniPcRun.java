package io.github.controlnet.core.scheduler;

import io.github.controlnet.spi.scheduler.NoiseSchedule;
import io.github.controlnet.spi.scheduler.NoiseSource;
import java.util.List;

/**
 * UniPC of order 2 with B(h) = exp(h) - 1 ("bh2"), predicting samples: Zhao et al. 2023,
 * arXiv:2302.04867, algorithms 5 and 6. Each evaluation first corrects the step that led to it,
 * then predicts the next; the predictor of second order is that of DPM-Solver++ (2M), as the
 * paper's section 3.3 notes.
 */
final class UniPcRun extends VariancePreservingRun {
  private final History samples = new History(2);
  private float[] corrected = new float[0];
  private int order = 1;

  UniPcRun(NoiseSchedule schedule, List<NoiseLevel> levels) {
    super(schedule, levels);
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
      double slope = step.midpoint() * step.length() / gap();
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
    double fromEnd = 0.5;
    double fromBefore = 0;
    double before = 1;
    if (order == 2) {
      // Two equations for two weights: differences of first and second order must come out right.
      double h = -step.length();
      double base = Math.expm1(h);
      double first = base / h - 1;
      double second = first / h - 0.5;
      before = -gap() / step.length();
      fromBefore = (first - 2 * second) / base / (1 - before);
      fromEnd = first / base - fromBefore;
    }
    Mix next =
        new Mix(sample.length)
            .plus(step.carry(), corrected)
            .plus(step.constant() * (1 - fromBefore / before - fromEnd), samples.value(0))
            .plus(step.constant() * fromEnd, sample);
    if (order == 2) {
      next.plus(step.constant() * fromBefore / before, samples.value(1));
    }
    return next.toFloats();
  }
}
