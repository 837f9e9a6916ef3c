package io.github.controlnet.sampler;

/**
 * A sampler: which timesteps the network is asked at, and how its predictions lead from noise to
 * latents. Immutable; one object serves all threads.
 */
public interface Sampler {

  /**
   * Returns the name that users type.
   *
   * @return lower case, unique among all samplers, such as {@code ddim}
   */
  String name();

  /**
   * Starts a run for one batch of images.
   *
   * @param schedule the noise schedule that the model was trained with
   * @param options what the request asks for
   * @return a run, used by one thread
   */
  SamplerRun start(NoiseSchedule schedule, SamplingOptions options);

  /**
   * The same sampler with settings that take the place of what the base's configuration says, and
   * of settings given before.
   *
   * @param settings the settings
   * @return a sampler of the same name
   */
  default Sampler with(ScheduleSettings settings) {
    return settings.equals(ScheduleSettings.none()) ? this : new ConfiguredSampler(this, settings);
  }

  /**
   * Returns the settings that take the place of what the base's configuration says.
   *
   * @return {@link ScheduleSettings#none()} unless {@link #with} gave some
   */
  default ScheduleSettings settings() {
    return ScheduleSettings.none();
  }
}
