package io.github.controlnet;

import io.github.controlnet.internal.Values;
import io.github.controlnet.model.HubReference;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.ScheduleSettings;
import io.github.controlnet.sampler.TimestepSpacing;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The settings with which weights that were distilled to a few steps work, as their authors name
 * them; {@link Presets} has the known ones. Give one to {@link GenerationRequest.Builder#preset}.
 * Immutable.
 *
 * @param name what users type, such as {@code lcm}
 * @param samplerName the sampler's name
 * @param timestepSpacing how timesteps are chosen; empty for the sampler's own
 * @param steps denoising steps
 * @param guidanceScale the guidance scale; 1 is none, at half the cost of a step. Where authors
 *     write 0, diffusers means the same by it
 * @param eta the share of fresh noise
 * @param files what weights it is for; it loads none of them
 */
public record Preset(
    String name,
    String samplerName,
    Optional<TimestepSpacing> timestepSpacing,
    int steps,
    double guidanceScale,
    double eta,
    List<Weights> files) {
  /** Distilled weights bear no more. */
  private static final double MOST_GUIDANCE = 2;

  /** Copies the list and checks the values. */
  public Preset {
    Values.nonNull(name, "the preset's name");
    Values.nonNull(samplerName, "the sampler's name");
    Values.nonNull(timestepSpacing, "the timestep spacing");
    Values.between(steps, 1, 1000, "the number of steps");
    Values.finite(guidanceScale, "the guidance scale");
    Values.between(eta, 0, 1, "eta");
    files = List.copyOf(files);
  }

  /**
   * Weights that were distilled.
   *
   * @param family the family of bases that they are for, or of, in words
   * @param kind what they are
   * @param reference where they were published
   */
  public record Weights(String family, Kind kind, HubReference reference) {}

  /** What distilled weights are. */
  public enum Kind {
    /** Changes to a base, which it must be given. */
    LORA("the LoRA"),
    /** A base. */
    BASE("the base");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  /**
   * Returns the sampler.
   *
   * @return the sampler with the preset's timestep spacing
   * @throws io.github.controlnet.exception.ProviderNotFoundException when it is not on the class
   *     path
   */
  public Sampler sampler() {
    ScheduleSettings settings = ScheduleSettings.none();
    return Samplers.named(samplerName)
        .with(
            timestepSpacing.isPresent()
                ? settings.withTimestepSpacing(timestepSpacing.get())
                : settings);
  }

  /**
   * Says which weights it wants.
   *
   * @return a sentence
   */
  public String wants() {
    return "The preset %s is for distilled weights: %s. Without them its pictures stay blurred."
        .formatted(
            name,
            files.stream()
                .map(file -> "%s %s (%s)".formatted(file.kind.words, file.reference, file.family))
                .collect(Collectors.joining(", ")));
  }

  /**
   * Tells whether a request asks for more guidance than the preset's weights bear: they were
   * distilled with guidance in them, and more of it burns the image.
   *
   * @param request the request
   * @return a sentence; empty when nothing speaks against it
   */
  public Optional<String> warning(GenerationRequest request) {
    double most = 0;
    for (int step = 0; step < request.sampling().steps(); step++) {
      most = Math.max(most, request.guidance().scale().at(step, request.sampling().steps()));
    }
    return most > MOST_GUIDANCE
        ? Optional.of(
            "The guidance scale is %s with the preset %s, whose weights were distilled with guidance in them; expected %s, at most %s."
                .formatted(text(most), name, text(guidanceScale), text(MOST_GUIDANCE)))
        : Optional.empty();
  }

  private static String text(double number) {
    return number == Math.rint(number)
        ? Long.toString(Math.round(number))
        : Double.toString(number);
  }
}
