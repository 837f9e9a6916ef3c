package io.github.controlnet;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * Everything that decides what a generation makes, for a record beside the pictures.
 *
 * @param prompts the prompts, with the added prompt already appended
 * @param seeds the seeds as used
 * @param width pixels
 * @param height pixels
 * @param sampler the scheduler's name
 * @param steps denoising steps
 * @param guidance the guidance
 * @param eta the share of fresh noise
 * @param guessMode the guess mode
 * @param onlyMidControl whether only the middle residual was added
 * @param initImage how it started from a picture; empty for text to image
 * @param base the base model's path
 * @param controls what each control got
 * @param precision the number type in which the networks ran
 * @param versions names and versions of what computed it
 */
public record Provenance(
    List<Prompt> prompts,
    List<Long> seeds,
    int width,
    int height,
    String sampler,
    int steps,
    Guidance guidance,
    double eta,
    GuessMode guessMode,
    boolean onlyMidControl,
    Optional<InitProvenance> initImage,
    String base,
    List<ControlProvenance> controls,
    Precision precision,
    Map<String, String> versions) {

  /** Copies the collections. */
  public Provenance {
    prompts = List.copyOf(prompts);
    seeds = List.copyOf(seeds);
    controls = List.copyOf(controls);
    versions = Map.copyOf(versions);
  }

  /**
   * How a generation started from a picture.
   *
   * @param strength the denoising strength
   * @param masked whether only a part was painted
   * @param maskBlur the radius of the mask's blur in pixels
   * @param padding pixels around the masked part, when that alone was generated
   */
  public record InitProvenance(
      double strength, boolean masked, double maskBlur, OptionalInt padding) {

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
          image.mask().map(InpaintMask::padding).orElse(OptionalInt.empty()));
    }

    private String parameters() {
      StringBuilder text = new StringBuilder(", Denoising strength: ").append(strength);
      if (masked) {
        text.append(", Mask blur: ").append(maskBlur);
        padding.ifPresent(pixels -> text.append(", Masked area padding: ").append(pixels));
      }
      return text.toString();
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

    /** Writes what differs from the usual, for {@link Provenance#parameters}. */
    private String parameters() {
      StringBuilder text =
          new StringBuilder(
              "%s (%s, scale %s, %s to %s".formatted(model, annotator, scale, start, end));
      if (mode != ControlMode.BALANCED) {
        text.append(", mode ").append(mode.name().toLowerCase(Locale.ROOT));
      }
      if (!layerWeights.isEmpty()) {
        text.append(", weights ").append(layerWeights);
      }
      return text.append(masked ? ", masked)" : ")").toString();
    }
  }

  /**
   * Writes the values of one image as the text that other tools put under the key {@code
   * parameters} of a PNG: the prompt, the negative prompt and one line of settings.
   *
   * @param image the index of the image in the result
   * @return the text
   */
  public String parameters(int image) {
    Prompt prompt = prompts.get(image * prompts.size() / seeds.size());
    StringBuilder text = new StringBuilder(prompt.text());
    if (!prompt.negative().isEmpty()) {
      text.append("\nNegative prompt: ").append(prompt.negative());
    }
    text.append(
        String.format(
            Locale.ROOT,
            "\nSteps: %d, Sampler: %s, CFG scale: %s, Seed: %d, Size: %dx%d, Eta: %s, Model: %s",
            steps,
            sampler,
            guidance.scale(),
            seeds.get(image),
            width,
            height,
            eta,
            base));
    initImage.ifPresent(init -> text.append(init.parameters()));
    if (guidance.rescale() != 0) {
      text.append(", CFG rescale: ").append(guidance.rescale());
    }
    if (guidance.start() != 0 || guidance.end() != 1) {
      text.append(", CFG interval: %s to %s".formatted(guidance.start(), guidance.end()));
    }
    if (guidance.perturbedScale() != 0) {
      text.append(", PAG scale: ").append(guidance.perturbedScale());
    }
    if (!controls.isEmpty()) {
      text.append(", Controls: ")
          .append(
              controls.stream()
                  .map(ControlProvenance::parameters)
                  .collect(Collectors.joining("; ")));
    }
    return text.toString();
  }
}
