package io.github.controlnet.cli;

import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GuessMode;
import io.github.controlnet.Guidance;
import io.github.controlnet.Preset;
import io.github.controlnet.Prompt;
import io.github.controlnet.ScaleSchedule;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.sampler.Sampler;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What to generate, apart from the controls' pictures. */
final class SamplingOptions {
  /** What a preset sets. */
  private static final Set<String> PRESET_OPTIONS =
      Set.of("--steps", "--guidance-scale", "--eta", "--sampler");

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "What the picture should show. Default: \"\".")
  private String prompt = "";

  @Option(
      names = "--added-prompt",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Appended to the prompt after a comma. Default: \"\".")
  private String addedPrompt = "";

  @Option(
      names = "--negative-prompt",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "What the picture should not show. Default: \"\".")
  private String negativePrompt = "";

  @Option(
      names = "--width",
      paramLabel = "PIXELS",
      description =
          "A multiple of 8. Default: the init image's; else from the control image, as"
              + " --image-resolution does; without one the base's native size.")
  private @Nullable Integer width;

  @Option(
      names = "--height",
      paramLabel = "PIXELS",
      description = "A multiple of 8. Default: as for --width.")
  private @Nullable Integer height;

  @Option(
      names = "--image-resolution",
      paramLabel = "N",
      description =
          "Brings the control image's short side to N and both sides to multiples of 64."
              + " Default: the base's native size (512 for Stable Diffusion 1.5).")
  private @Nullable Integer imageResolution;

  @Option(
      names = "--images",
      paramLabel = "N",
      description = "How many images. Default: 1, or one for each seed of a list.")
  private @Nullable Integer images;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      converter = Choices.ToPreset.class,
      description =
          "Sampler, spacing, steps, guidance and eta as weights distilled to a few steps want them, such as"
              + " lcm or hyper-4; --list-presets names them and their weights. Options beside it win.")
  private @Nullable Preset preset;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "20",
      description = "Denoising steps. Default: ${DEFAULT-VALUE}. A preset has its own.")
  private int steps = 20;

  @Mixin private GuidanceOptions guidance = new GuidanceOptions();

  @Option(
      names = "--seed",
      paramLabel = "N[,N...]",
      defaultValue = "-1",
      split = ",",
      hideParamSyntax = true,
      description =
          "-1: random, and reported. A list such as 1,2,3 gives each image its own. Default: ${DEFAULT-VALUE}.")
  private long[] seeds = {-1};

  @Option(
      names = "--eta",
      paramLabel = "X",
      defaultValue = "0.0",
      description = "Share of fresh noise in DDIM, 0 to 1. Default: ${DEFAULT-VALUE}.")
  private double eta;

  @Mixin private SamplerOptions sampler = new SamplerOptions();

  @Option(
      names = "--only-mid-control",
      description = "Adds only the residual of the controls' middle block.")
  private boolean onlyMidControl;

  @Option(
      names = "--guess-mode",
      description = "Lets the control speak without a prompt. Default: off.")
  private boolean guessMode;

  @Option(
      names = "--guess-weights",
      paramLabel = "KIND",
      defaultValue = "original",
      converter = Choices.ToGuessWeights.class,
      description =
          "Control scales in guess mode: those of the original code, or of diffusers. Default: ${DEFAULT-VALUE}.")
  private GuessMode guessWeights = GuessMode.ORIGINAL;

  /** Tells whether every sampler is to draw. */
  boolean everySampler() {
    return sampler.everySampler();
  }

  /** Returns a sampler with the settings that the options give. */
  Sampler sampler(String name) {
    return sampler.configured(name);
  }

  /** The preset, when one was chosen. */
  Optional<Preset> preset() {
    return Optional.ofNullable(preset);
  }

  /**
   * Puts options into a new request, with their defaults; what comes from files is added by the
   * caller.
   *
   * @param builder the request
   * @param given tells of an option's name whether it was given
   * @param usage complains
   */
  void begin(GenerationRequest.Builder builder, Predicate<String> given, Usage usage) {
    boolean usual = preset == null;
    apply(
        builder, option -> usual || !PRESET_OPTIONS.contains(option) || given.test(option), usage);
  }

  /**
   * Puts options into a request.
   *
   * @param builder the request
   * @param given tells of an option's name whether its value counts
   * @param usage complains
   */
  void apply(GenerationRequest.Builder builder, Predicate<String> given, Usage usage) {
    checkMultiple("--width", width, usage);
    checkMultiple("--height", height, usage);
    usage.value(
        () -> {
          if (given.test("--prompt") || given.test("--negative-prompt")) {
            Prompt recorded = builder.build().prompts().list().get(0);
            builder.prompts(
                List.of(
                    new Prompt(
                        given.test("--prompt") ? prompt : recorded.text(),
                        given.test("--negative-prompt") ? negativePrompt : recorded.negative())));
          }
          when(given, "--added-prompt", () -> builder.addedPrompt(addedPrompt));
          if (preset != null) {
            applyPreset(builder, preset);
          }
          when(given, "--steps", () -> builder.steps(steps));
          builder.guidance(guidance.over(builder.build().guidance(), given, usage));
          when(given, "--eta", () -> builder.eta(eta));
          sampler.apply(builder, given);
          when(given, "--only-mid-control", () -> builder.onlyMidControl(onlyMidControl));
          when(
              given,
              "--guess-mode",
              () -> builder.guessMode(guessMode ? guessWeights : GuessMode.OFF));
          if (given.test("--images") || given.test("--seed")) {
            builder.imagesPerPrompt(imageCount());
          }
          when(given, "--seed", () -> builder.seeds(seeds));
          if (everySampler() && builder.build().imageCount() > 1) {
            throw new InvalidRequestException(
                "--sampler all draws one picture with each sampler; leave --images and further seeds out.");
          }
          if (width != null) {
            builder.width(width);
          }
          if (height != null) {
            builder.height(height);
          }
          if (imageResolution != null) {
            builder.imageResolution(imageResolution);
          }
          return builder;
        });
  }

  /** Takes the place of what a picture tells, too. */
  private static void applyPreset(GenerationRequest.Builder builder, Preset chosen) {
    Guidance before = builder.build().guidance();
    builder
        .preset(chosen)
        .scheduler(chosen.sampler())
        .steps(chosen.steps())
        .guidance(before.withScale(ScaleSchedule.constant(chosen.guidanceScale())))
        .eta(chosen.eta());
  }

  private static void when(Predicate<String> given, String option, Runnable setting) {
    if (given.test(option)) {
      setting.run();
    }
  }

  private int imageCount() {
    int count = images == null ? seeds.length : images;
    if (seeds.length > 1 && seeds.length != count) {
      throw new InvalidRequestException(
          "There are %d seeds for %d images; give one for all, or one for each."
              .formatted(seeds.length, count));
    }
    return count;
  }

  static void checkMultiple(String option, @Nullable Integer value, Usage usage) {
    if (value != null && value % 8 != 0) {
      int below = Math.max(8, value / 8 * 8);
      throw usage.wrong(
          "%s is %d; expected a multiple of 8, such as %d or %d."
              .formatted(option, value, below, below + 8));
    }
  }
}
