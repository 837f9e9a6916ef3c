package io.github.controlnet;

import io.github.controlnet.engine.Precision;
import io.github.controlnet.sampler.ScheduleSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Everything that decides what a generation makes, for a record beside the pictures. With the
 * control maps of the {@link GenerationResult} it is enough to make them again; the package {@code
 * io.github.controlnet.core.provenance} of controlnet-core writes it into PNG files and reads it
 * back.
 *
 * @param prompts the prompts, with the added prompt already appended
 * @param seeds the seeds as used, one for each image
 * @param seedPerImage whether each image was drawn from its own seed; else the first seed drew the
 *     whole batch
 * @param width pixels
 * @param height pixels
 * @param sampler the scheduler's name
 * @param scheduleSettings what took the place of the base's noise schedule
 * @param steps denoising steps
 * @param guidance the guidance
 * @param eta the share of fresh noise
 * @param guessMode the guess mode
 * @param onlyMidControl whether only the middle residual was added
 * @param initImage how it started from a picture; empty for text to image
 * @param base the base model's path
 * @param controls what each control got
 * @param precision the number type in which the networks ran
 * @param models the files that decide about the pictures, the base first
 * @param environment where it was computed: processor, cores, threads, device, system
 * @param versions names and versions of what computed it
 * @param request the request as it was given, with its pictures
 */
public record Provenance(
    List<Prompt> prompts,
    List<Long> seeds,
    boolean seedPerImage,
    int width,
    int height,
    String sampler,
    ScheduleSettings scheduleSettings,
    int steps,
    Guidance guidance,
    double eta,
    GuessMode guessMode,
    boolean onlyMidControl,
    Optional<InitProvenance> initImage,
    String base,
    List<ControlProvenance> controls,
    Precision precision,
    List<ModelSource> models,
    Map<String, String> environment,
    Map<String, String> versions,
    GenerationRequest request) {

  /** Copies the collections. */
  public Provenance {
    prompts = List.copyOf(prompts);
    seeds = List.copyOf(seeds);
    controls = List.copyOf(controls);
    models = List.copyOf(models);
    environment = Map.copyOf(environment);
    versions = Map.copyOf(versions);
  }

  /**
   * A file or folder that decides about the pictures.
   *
   * @param role {@code base}, {@code control 1} and so on, {@code vae}, {@code text encoder},
   *     {@code tokenizer}, {@code base config}, {@code control 1 config}, {@code embedding} and its
   *     word
   * @param name a name without folders of this machine: the id on a hub, or the last part of the
   *     path
   * @param path where it is on this machine
   */
  public record ModelSource(String role, String name, Path path) {
    /** The role of the base model. */
    public static final String BASE = "base";

    /** The role of a separate autoencoder. */
    public static final String VAE = "vae";

    /** The role of a separate text encoder. */
    public static final String TEXT_ENCODER = "text encoder";

    /** The role of a tokenizer that is not the base's own. */
    public static final String TOKENIZER = "tokenizer";

    /** The role of a separate configuration of the base. */
    public static final String BASE_CONFIG = "base config";

    /**
     * Names the role of a control.
     *
     * @param number 1 for the first that acted
     * @return the role
     */
    public static String control(int number) {
      return "control " + number;
    }

    /**
     * Names the role of a word learned by textual inversion.
     *
     * @param word its name in prompts
     * @return the role
     */
    public static String embedding(String word) {
      return "embedding " + word;
    }

    /**
     * Names the role of a control's separate configuration.
     *
     * @param number 1 for the first that acted
     * @return the role
     */
    public static String controlConfig(int number) {
      return "control " + number + " config";
    }
  }

  /**
   * How a generation started from a picture.
   *
   * @param strength the denoising strength
   * @param masked whether only a part was painted
   * @param maskBlur the radius of the mask's blur in pixels
   * @param padding pixels around the masked part, when that alone was generated
   * @param content what was under the mask at first
   */
  public record InitProvenance(
      double strength,
      boolean masked,
      double maskBlur,
      OptionalInt padding,
      MaskedContent content) {

    /**
     * Says how a picture was used.
     *
     * @param image the init image
     * @return its settings
     */
    public static InitProvenance of(InitImage image) {
      return new InitProvenance(
          image.strength(),
          image.mask().isPresent(),
          image.mask().map(InpaintMask::blur).orElse(0.0),
          image.mask().map(InpaintMask::padding).orElse(OptionalInt.empty()),
          image.mask().map(InpaintMask::content).orElse(MaskedContent.ORIGINAL));
    }
  }

  /**
   * What one control got.
   *
   * @param model the control model's path
   * @param annotator the annotator's name, or {@code none}
   * @param annotatorOptions the annotator's options that were set
   * @param scale the control scale
   * @param start where in the schedule it began to act
   * @param end where in the schedule it ceased to act
   * @param mode how it shared the say with the prompt
   * @param layerWeights the weights of its residuals; empty for 1 everywhere
   * @param masked whether it was confined to a region
   */
  public record ControlProvenance(
      String model,
      String annotator,
      Map<String, String> annotatorOptions,
      ScaleSchedule scale,
      double start,
      double end,
      ControlMode mode,
      List<Double> layerWeights,
      boolean masked) {
    /** Copies the collections. */
    public ControlProvenance {
      annotatorOptions = Map.copyOf(annotatorOptions);
      layerWeights = List.copyOf(layerWeights);
    }
  }
}
