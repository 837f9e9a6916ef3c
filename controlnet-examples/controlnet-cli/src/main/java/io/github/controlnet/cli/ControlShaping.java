package io.github.controlnet.cli;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlMode;
import io.github.controlnet.ScaleSchedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How each control acts, beyond its scale and window. */
final class ControlShaping {
  private static final String NONE = "none";

  @Option(
      names = "--control-mode",
      paramLabel = "MODE",
      split = ",",
      converter = Choices.ToControlMode.class,
      description =
          "balanced, prompt (the prompt matters more), control (the control matters more) or"
              + " resolution (the paper's weighting); once for all, or once for each."
              + " Default: balanced.")
  private List<ControlMode> modes = new ArrayList<>();

  @Option(
      names = "--control-weights",
      paramLabel = "W,...,W",
      converter = Choices.ToNumbers.class,
      description =
          "A weight for each residual, from the first skip to the middle block: 13 for Stable"
              + " Diffusion 1.x; once for all, or once for each control. Default: 1 for all.")
  private List<double[]> weights = new ArrayList<>();

  @Option(
      names = "--control-schedule",
      paramLabel = "FROM..TO",
      converter = Choices.ToScaleSchedule.class,
      description =
          "A control scale that changes over the steps, in place of --control-scale: from the first"
              + " step's to the last's, such as 1..0.2, or one for each step, such as 1,0.8,0.5;"
              + " once for all controls, or once for each. Default: the same in every step.")
  private List<ScaleSchedule> schedules = new ArrayList<>();

  @Option(
      names = "--control-mask",
      paramLabel = "FILE",
      description =
          "Where in the picture the control acts: white where it does, black where not, grey in"
              + " between; once for all, or once for each. none: everywhere. Default: none.")
  private List<String> masks = new ArrayList<>();

  @Option(
      names = "--control-inpaint-mask",
      paramLabel = "FILE",
      description =
          "For an inpaint control: what to make anew of the control image, white on black, of its"
              + " size; once for all, or once for each. none: no inpaint control. Default: none.")
  private List<String> inpaintMasks = new ArrayList<>();

  /** What one control gets. */
  record Shape(
      ControlMode mode,
      double[] weights,
      Optional<ScaleSchedule> schedule,
      @Nullable Path mask,
      @Nullable Path inpaintMask) {

    /** Applies all but the files. */
    ControlInput applyTo(ControlInput input) {
      ControlInput shaped = input.withMode(mode).withLayerWeights(weights);
      return schedule.map(shaped::withScale).orElse(shaped);
    }
  }

  boolean given() {
    return !(modes.isEmpty()
        && weights.isEmpty()
        && schedules.isEmpty()
        && masks.isEmpty()
        && inpaintMasks.isEmpty());
  }

  boolean scheduled() {
    return !schedules.isEmpty();
  }

  List<Shape> shapes(int controls, Usage usage) {
    List<ControlMode> mode = usage.spread("--control-mode", modes, ControlMode.BALANCED, controls);
    List<double[]> weight = usage.spread("--control-weights", weights, new double[0], controls);
    List<Optional<ScaleSchedule>> schedule =
        usage.spread(
            "--control-schedule",
            schedules.stream().map(Optional::of).toList(),
            Optional.empty(),
            controls);
    List<String> mask = usage.spread("--control-mask", masks, NONE, controls);
    List<String> inpaint = usage.spread("--control-inpaint-mask", inpaintMasks, NONE, controls);
    List<Shape> shapes = new ArrayList<>();
    for (int i = 0; i < controls; i++) {
      shapes.add(
          new Shape(
              mode.get(i),
              weight.get(i),
              schedule.get(i),
              file(mask.get(i)),
              file(inpaint.get(i))));
    }
    return shapes;
  }

  private static @Nullable Path file(String name) {
    return name.equals(NONE) ? null : Path.of(name);
  }
}
