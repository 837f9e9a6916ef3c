package io.github.controlnet.core.scheduler;

import io.github.controlnet.spi.scheduler.NoiseSchedule;
import java.util.ArrayList;
import java.util.List;

/** The levels that a sampler visits: one for each step, and the one that the last step leads to. */
final class NoiseLevels {
  /** The exponent of Karras et al. 2022 (arXiv:2206.00364, equation 5). */
  private static final double RHO = 7;

  private NoiseLevels() {}

  /** Evenly spaced timesteps from the last to the first, then no noise. */
  static List<NoiseLevel> linear(NoiseSchedule schedule, int steps) {
    SigmaTable table = new SigmaTable(schedule);
    List<NoiseLevel> levels = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      double timestep =
          steps == 1 ? 0 : (double) (steps - 1 - i) / (steps - 1) * (schedule.timesteps() - 1);
      levels.add(new NoiseLevel(timestep, table.at(timestep)));
    }
    levels.add(new NoiseLevel(0, 0));
    return levels;
  }

  /** Whole timesteps, evenly spaced from the last and short of the first. */
  private static List<NoiseLevel> whole(NoiseSchedule schedule, SigmaTable table, int steps) {
    // One multiplication by the stride, as NumPy does: where it ends in a half, another order of
    // operations would round to another timestep.
    double stride = (schedule.timesteps() - 1) / (double) steps;
    List<NoiseLevel> levels = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      double timestep = Math.min(Math.rint((steps - i) * stride), schedule.timesteps() - 1);
      levels.add(new NoiseLevel(timestep, table.at(timestep)));
    }
    return levels;
  }

  /** Whole timesteps, evenly spaced from the last and short of the first, then no noise. */
  static List<NoiseLevel> wholeToZero(NoiseSchedule schedule, int steps) {
    List<NoiseLevel> levels = whole(schedule, new SigmaTable(schedule), steps);
    levels.add(new NoiseLevel(0, 0));
    return levels;
  }

  /** Whole timesteps, evenly spaced from the last to the first. */
  static List<NoiseLevel> wholeToFirst(NoiseSchedule schedule, int steps) {
    SigmaTable table = new SigmaTable(schedule);
    List<NoiseLevel> levels = whole(schedule, table, steps);
    levels.add(new NoiseLevel(0, table.least()));
    return levels;
  }

  /** Sigmas after Karras et al., timesteps rounded to whole ones; then no noise. */
  static List<NoiseLevel> karrasToZero(NoiseSchedule schedule, int steps) {
    SigmaTable table = new SigmaTable(schedule);
    double most = Math.pow(table.greatest(), 1 / RHO);
    double least = Math.pow(table.least(), 1 / RHO);
    List<NoiseLevel> levels = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      double share = steps == 1 ? 0 : (double) i / (steps - 1);
      double sigma = Math.pow(most + share * (least - most), RHO);
      levels.add(new NoiseLevel(Math.rint(table.timestep(sigma)), sigma));
    }
    levels.add(new NoiseLevel(0, 0));
    return levels;
  }
}
