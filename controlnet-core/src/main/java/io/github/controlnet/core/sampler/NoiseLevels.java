package io.github.controlnet.core.sampler;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.TimestepSpacing;
import java.util.ArrayList;
import java.util.List;

/** The levels that a solver visits: one for each step, and the one that the last step leads to. */
final class NoiseLevels {
  /**
   * The references look timesteps up in logarithms of float32 and cut the fraction off: the first
   * comes out a little below the last one of the schedule, and one less than it.
   */
  private static final double LOOKUP_ERROR = 1e-6;

  private static final NoiseLevel NO_NOISE = new NoiseLevel(0, 0);

  private NoiseLevels() {}

  /** Of solvers over sigmas: timesteps that need not be whole, then no noise. */
  static List<NoiseLevel> linear(NoiseSchedule schedule, int steps, SigmaSpacing sigmas) {
    double[] timesteps =
        switch (spacing(schedule)) {
          case LINSPACE -> Spacing.linspace(schedule, steps);
          case LEADING -> Spacing.leading(schedule, steps);
          case TRAILING -> Spacing.trailing(schedule, steps);
        };
    SigmaTable table = new SigmaTable(schedule);
    if (sigmas == SigmaSpacing.TIMESTEPS) {
      return at(timesteps, table, NO_NOISE);
    }
    double most = table.at(timesteps[0]);
    double least = table.at(timesteps[steps - 1]);
    List<NoiseLevel> levels = new ArrayList<>();
    for (double sigma : sigmas.between(most, least, steps)) {
      levels.add(new NoiseLevel(table.timestep(sigma), sigma));
    }
    levels.add(NO_NOISE);
    return levels;
  }

  /** As {@link #linear}, but the timesteps of Karras et al. are rounded to whole ones. */
  static List<NoiseLevel> linearRounded(NoiseSchedule schedule, int steps, SigmaSpacing sigmas) {
    List<NoiseLevel> levels = linear(schedule, steps, sigmas);
    if (sigmas == SigmaSpacing.KARRAS) {
      levels.replaceAll(level -> new NoiseLevel(Math.rint(level.timestep()), level.sigma()));
    }
    return levels;
  }

  /** Of exponential integrators: whole timesteps, then no noise. */
  static List<NoiseLevel> wholeToZero(NoiseSchedule schedule, int steps, SigmaSpacing sigmas) {
    if (sigmas != SigmaSpacing.TIMESTEPS) {
      return whole(schedule, steps, sigmas, NO_NOISE);
    }
    return at(whole(schedule, steps), new SigmaTable(schedule), NO_NOISE);
  }

  /** Of exponential integrators: whole timesteps, then the first one, or the least sigma again. */
  static List<NoiseLevel> wholeToFirst(NoiseSchedule schedule, int steps, SigmaSpacing sigmas) {
    SigmaTable table = new SigmaTable(schedule);
    if (sigmas != SigmaSpacing.TIMESTEPS) {
      double last = steps == 1 ? table.greatest() : table.least();
      return whole(schedule, steps, sigmas, new NoiseLevel(0, last));
    }
    return at(whole(schedule, steps), table, new NoiseLevel(0, table.least()));
  }

  /** Whole timesteps evenly spaced whatever the schedule's spacing, then no noise. */
  static List<NoiseLevel> evenToZero(NoiseSchedule schedule, int steps, SigmaSpacing sigmas) {
    if (sigmas != SigmaSpacing.TIMESTEPS) {
      return whole(schedule, steps, sigmas, NO_NOISE);
    }
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

  /** Sigmas over the whole schedule, whose timesteps are made whole. */
  private static List<NoiseLevel> whole(
      NoiseSchedule schedule, int steps, SigmaSpacing sigmas, NoiseLevel end) {
    SigmaTable table = new SigmaTable(schedule);
    List<NoiseLevel> levels = new ArrayList<>();
    for (double sigma : sigmas.between(table.greatest(), table.least(), steps)) {
      double timestep = table.timestep(sigma);
      double whole =
          sigmas == SigmaSpacing.KARRAS
              ? Math.rint(timestep)
              : Math.max(0, Math.floor(timestep - LOOKUP_ERROR));
      levels.add(new NoiseLevel(whole, sigma));
    }
    levels.add(end);
    return levels;
  }
}
