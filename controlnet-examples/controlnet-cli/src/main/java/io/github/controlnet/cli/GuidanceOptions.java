package io.github.controlnet.cli;

import io.github.controlnet.Guidance;
import io.github.controlnet.ScaleSchedule;
import io.github.controlnet.demo.DemoModel;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the prompt guides. */
final class GuidanceOptions {
  private static final double USUAL_SCALE = 9;

  @Option(
      names = "--guidance-scale",
      paramLabel = "X",
      description =
          "How strongly the prompt guides; 1 switches guidance off. Default: "
              + USUAL_SCALE
              + ". With the bundled model: "
              + DemoModel.GUIDANCE_SCALE
              + ".")
  private @Nullable Double scale;

  @Option(
      names = "--guidance-schedule",
      paramLabel = "FROM..TO",
      converter = Choices.ToScaleSchedule.class,
      description =
          "A guidance scale that changes over the steps, in place of --guidance-scale: from the"
              + " first step's to the last's, such as 9..3, or one for each step, such as 9,7,5."
              + " Default: the same in every step.")
  private @Nullable ScaleSchedule schedule;

  @Option(
      names = "--guidance-rescale",
      paramLabel = "X",
      defaultValue = "0.0",
      description =
          "0 to 1: how far guided predictions are brought back to the usual deviation, against"
              + " overexposed pictures; 0.7 is common. Default: ${DEFAULT-VALUE}.")
  private double rescale;

  @Option(
      names = "--guidance-start",
      paramLabel = "X",
      defaultValue = "0.0",
      description =
          "Where in the schedule guidance begins, 0 to 1; steps outside its part cost half."
              + " Default: ${DEFAULT-VALUE}.")
  private double start;

  @Option(
      names = "--guidance-end",
      paramLabel = "X",
      defaultValue = "1.0",
      description = "Where in the schedule guidance ceases, 0 to 1. Default: ${DEFAULT-VALUE}.")
  private double end = 1;

  @Option(
      names = "--pag-scale",
      paramLabel = "X",
      defaultValue = "0.0",
      description =
          "Scale of perturbed-attention guidance, which costs half as much again; 0 for none, 3 is"
              + " common. Default: ${DEFAULT-VALUE}.")
  private double perturbedScale;

  /**
   * Makes the value that the options describe.
   *
   * @param before what holds where no option counts
   * @param given tells of an option's name whether its value counts
   * @param usage complains
   */
  Guidance over(Guidance before, Predicate<String> given, Usage usage) {
    if (scale != null && schedule != null) {
      throw usage.wrong(
          "--guidance-scale and --guidance-schedule are both given; the schedule takes the scale's place, so give one.");
    }
    return usage.value(
        () -> {
          Guidance guidance = before;
          if (schedule != null) {
            guidance = guidance.withScale(schedule);
          } else if (given.test("--guidance-scale")) {
            guidance = guidance.withScale(Guidance.of(scale == null ? USUAL_SCALE : scale).scale());
          }
          if (given.test("--guidance-rescale")) {
            guidance = guidance.withRescale(rescale);
          }
          if (given.test("--guidance-start") || given.test("--guidance-end")) {
            guidance =
                guidance.withInterval(
                    given.test("--guidance-start") ? start : before.start(),
                    given.test("--guidance-end") ? end : before.end());
          }
          return given.test("--pag-scale")
              ? guidance.withPerturbedAttention(perturbedScale)
              : guidance;
        });
  }
}
