package io.github.controlnet.core.scheduler;

import io.github.controlnet.spi.scheduler.NoiseSchedule;
import io.github.controlnet.spi.scheduler.TimestepSpacing;
import java.util.ArrayList;
import java.util.List;

/** The levels that a solver visits: one for each step, and the one that the last step leads to. */
final class NoiseLevels {
  /** The exponent of Karras et al. 2022 (arXiv:2206.00364, equation 5). */
  private static final double RHO = 7;

  private static final NoiseLevel NO_NOISE = new NoiseLevel(0, 0);

  private NoiseLevels() {}

  /** Of solvers over sigmas: timesteps that need not be whole, then no noise. */
  static List<NoiseLevel> linear(NoiseSchedule schedule, int steps) {
    double[] timesteps =
        switch (spacing(schedule)) {
          case LINSPACE -> Spacing.linspace(schedule, steps);
          case LEADING -> Spacing.leading(schedule, steps);
          case TRAILING -> Spacing.trailing(schedule, steps);
        };
    return at(timesteps, new SigmaTable(schedule), NO_NOISE);
  }

  /** Of exponential integrators: whole timesteps, then no noise. */
  static List<NoiseLevel> wholeToZero(NoiseSchedule schedule, int steps) {
    return at(whole(schedule, steps), new SigmaTable(schedule), NO_NOISE);
  }

  /** Of exponential integrators: whole timesteps, then the first one. */
  static List<NoiseLevel> wholeToFirst(NoiseSchedule schedule, int steps) {
    SigmaTable table = new SigmaTable(schedule);
    return at(whole(schedule, steps), table, new NoiseLevel(0, table.least()));
  }

  /** Whole timesteps evenly spaced whatever the schedule's spacing, then no noise. */
  static List<NoiseLevel> evenToZero(NoiseSchedule schedule, int steps) {
    return at(Spacing.linspaceShort(schedule, steps), new SigmaTable(schedule), NO_NOISE);
  }

  private static TimestepSpacing spacing(NoiseSchedule schedule) {
    return schedule.timestepSpacing().orElse(TimestepSpacing.LINSPACE);
  }

  private static double[] whole(NoiseSchedule schedule, int steps) {
    return switch (spacing(schedule)) {
      case LINSPACE -> Spacing.linspaceShort(schedule, steps);
      case LEADING -> Spacing.leadingShort(schedule, steps);
      case TRAILING -> Spacing.trailing(schedule, steps);
    };
  }

  private static List<NoiseLevel> at(double[] timesteps, SigmaTable table, NoiseLevel end) {
    List<NoiseLevel> levels = new ArrayList<>();
    for (double timestep : timesteps) {
      levels.add(new NoiseLevel(timestep, table.at(timestep)));
    }
    levels.add(end);
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
    levels.add(NO_NOISE);
    return levels;
  }
}
