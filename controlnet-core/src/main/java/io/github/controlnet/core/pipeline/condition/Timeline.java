package io.github.controlnet.core.pipeline.condition;

import io.github.controlnet.ScaleSchedule;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.sampler.SamplerRun;

/**
 * The evaluations of the networks in one generation, and the steps that they belong to: a sampler
 * may ask twice a step.
 *
 * @param evaluations how often the networks are asked
 * @param steps how many steps that makes
 */
public record Timeline(int evaluations, int steps) {

  public static Timeline of(SamplerRun run, int steps) {
    return new Timeline(run.evaluations(), Math.min(steps, run.evaluations()));
  }

  /**
   * Tells whether an evaluation is inside a part of the schedule. The edges are those of diffusers'
   * control windows: it counts as inside when all of it is.
   *
   * @param start 0 to 1
   * @param end 0 to 1
   */
  public boolean within(int evaluation, double start, double end) {
    return (double) evaluation / evaluations >= start
        && (double) (evaluation + 1) / evaluations <= end;
  }

  /** The step that an evaluation belongs to, from 0. */
  int step(int evaluation) {
    return (int) ((long) evaluation * steps / evaluations);
  }

  /** Asks a schedule once for each evaluation. */
  public double[] scales(ScaleSchedule schedule, String what) {
    double[] scales = new double[evaluations];
    for (int i = 0; i < evaluations; i++) {
      int step = step(i);
      scales[i] = schedule.at(step, steps);
      if (!Float.isFinite((float) scales[i])) {
        throw new InvalidRequestException(
            "The schedule of the %s gives %s for step %d of %d; expected a finite number in float32."
                .formatted(what, scales[i], step + 1, steps));
      }
    }
    return scales;
  }
}
