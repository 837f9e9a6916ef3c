package io.github.controlnet.cli;

import io.github.controlnet.GenerationRequest;
import io.github.controlnet.Samplers;
import io.github.controlnet.core.request.SamplerNames;
import io.github.controlnet.sampler.PredictionType;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.ScheduleSettings;
import io.github.controlnet.sampler.TimestepSpacing;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which sampler, and what it takes otherwise than the base's configuration says. */
final class SamplerOptions {
  private static final String EVERY_SAMPLER = "all";

  @Option(
      names = "--sampler",
      paramLabel = "NAME",
      defaultValue = "ddim",
      description =
          "How noise becomes a picture; --list-samplers names what is there, and all draws a sheet"
              + " with one picture of each. The web UI's names are taken too, such as \"DPM++ 2M Karras\". Default: ${DEFAULT-VALUE}.")
  private String sampler = "ddim";

  @Option(
      names = "--timestep-spacing",
      paramLabel = "KIND",
      converter = Choices.ToTimestepSpacing.class,
      description =
          "How timesteps are chosen: leading, linspace or trailing. Default: the base's"
              + " configuration's, else the sampler's own.")
  private @Nullable TimestepSpacing spacing;

  @Option(
      names = "--prediction-type",
      paramLabel = "KIND",
      converter = Choices.ToPredictionType.class,
      description =
          "What the base predicts, if its configuration is missing or wrong: epsilon,"
              + " v_prediction or sample. Default: the base's configuration's, else epsilon.")
  private @Nullable PredictionType prediction;

  @Option(
      names = "--zero-terminal-snr",
      description =
          "Rescales the betas so that the last timestep is pure noise, for bases that were trained"
              + " so. Default: as the base's configuration says.")
  private boolean zeroTerminalSnr;

  /** Tells whether every sampler is to draw. */
  boolean everySampler() {
    return sampler.equals(EVERY_SAMPLER);
  }

  /** Returns a sampler with the settings that the options give. */
  Sampler configured(String name) {
    return SamplerNames.sampler(name).with(over(ScheduleSettings.none()));
  }

  /**
   * Puts the sampler into a request.
   *
   * @param given tells of an option's name whether its value counts
   */
  void apply(GenerationRequest.Builder request, Predicate<String> given) {
    if (everySampler()) {
      return;
    }
    Sampler before = request.build().sampling().sampler().orElseGet(Samplers::ddim);
    String name = given.test("--sampler") ? sampler : before.name();
    request.sampler(SamplerNames.sampler(name).with(over(before.settings())));
  }

  private ScheduleSettings over(ScheduleSettings before) {
    ScheduleSettings settings = before;
    if (spacing != null) {
      settings = settings.withTimestepSpacing(spacing);
    }
    if (prediction != null) {
      settings = settings.withPredictionType(prediction);
    }
    return zeroTerminalSnr ? settings.withZeroTerminalSnr(true) : settings;
  }
}
