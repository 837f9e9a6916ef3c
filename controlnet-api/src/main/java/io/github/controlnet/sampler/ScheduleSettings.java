package io.github.controlnet.sampler;

import java.util.Optional;

/**
 * What a user wants otherwise than the base's configuration says, for a base whose configuration is
 * missing or wrong, or to try another spacing. Given to a sampler by {@link
 * Sampler#with(ScheduleSettings)}. Immutable.
 *
 * @param timestepSpacing how timesteps are chosen; empty for the base's, or the sampler's own
 * @param predictionType what the network predicts; empty for what the base's configuration says
 * @param zeroTerminalSnr true to rescale the betas so that nothing of the signal is left at the
 *     last timestep (Lin et al. 2023, arXiv:2305.08891, algorithm 1); false for the base's
 */
public record ScheduleSettings(
    Optional<TimestepSpacing> timestepSpacing,
    Optional<PredictionType> predictionType,
    boolean zeroTerminalSnr) {

  private static final ScheduleSettings NONE =
      new ScheduleSettings(Optional.empty(), Optional.empty(), false);

  /** Refuses null. */
  public ScheduleSettings {
    if (timestepSpacing == null || predictionType == null) {
      throw new NullPointerException(
          "Timestep spacing or prediction type is null; expected Optional.empty() for the base's.");
    }
  }

  /**
   * Leaves everything as the base's configuration says.
   *
   * @return no settings
   */
  public static ScheduleSettings none() {
    return NONE;
  }

  /**
   * Chooses the spacing of timesteps.
   *
   * @param spacing the spacing
   * @return new settings
   */
  public ScheduleSettings withTimestepSpacing(TimestepSpacing spacing) {
    return new ScheduleSettings(Optional.ofNullable(spacing), predictionType, zeroTerminalSnr);
  }

  /**
   * Says what the network predicts.
   *
   * @param type the type
   * @return new settings
   */
  public ScheduleSettings withPredictionType(PredictionType type) {
    return new ScheduleSettings(timestepSpacing, Optional.ofNullable(type), zeroTerminalSnr);
  }

  /**
   * Rescales the betas to a zero terminal signal-to-noise ratio, or leaves them as they are.
   *
   * @param zero true to rescale
   * @return new settings
   */
  public ScheduleSettings withZeroTerminalSnr(boolean zero) {
    return new ScheduleSettings(timestepSpacing, predictionType, zero);
  }

  /**
   * Applies the settings.
   *
   * @param schedule the base's
   * @return the schedule that a sampler runs with
   */
  public NoiseSchedule applyTo(NoiseSchedule schedule) {
    NoiseSchedule result = zeroTerminalSnr ? schedule.rescaledToZeroSignal() : schedule;
    if (timestepSpacing.isPresent()) {
      result = result.withTimestepSpacing(timestepSpacing.get());
    }
    return predictionType.isPresent() ? result.withPredictionType(predictionType.get()) : result;
  }
}
