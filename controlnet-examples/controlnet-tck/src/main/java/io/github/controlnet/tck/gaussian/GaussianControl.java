package io.github.controlnet.tck.gaussian;

import io.github.controlnet.engine.Conditioning;
import io.github.controlnet.engine.ControlNetwork;
import io.github.controlnet.engine.ControlResiduals;
import io.github.controlnet.engine.ControlSignal;
import io.github.controlnet.engine.Hint;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.tck.gaussian.GaussianEngine.Probe;
import java.util.Arrays;
import java.util.List;

/** Turns a hint into its mean, which shifts the mean of the data within the hint's mask. */
final class GaussianControl extends GaussianComponent implements ControlNetwork {
  private final Probe probe;

  GaussianControl(Probe probe) {
    super("control", probe);
    this.probe = probe;
  }

  @Override
  public Run start(
      LatentShape shape, Conditioning conditioning, List<Integer> branches, Hint hint) {
    double sum = 0;
    for (float value : hint.values()) {
      sum += value;
    }
    float[] shift = new float[shape.height() * shape.width()];
    Arrays.fill(shift, 1);
    if (hint.mask().isPresent()) {
      shift = hint.mask().get().resized(shape.height(), shape.width());
    }
    for (int i = 0; i < shift.length; i++) {
      shift[i] *= (float) (sum / hint.values().length);
    }
    return new GaussianRun(shift, List.copyOf(branches));
  }

  private final class GaussianRun extends Handle implements Run {
    private final float[] shift;
    private final List<Integer> branches;

    GaussianRun(float[] shift, List<Integer> branches) {
      super(probe);
      this.shift = shift;
      this.branches = branches;
    }

    @Override
    public ControlResiduals residuals(float[] latents, double timestep) {
      run();
      return new Shift(shift, branches, probe);
    }
  }

  /** How far a control at scale 1 shifts the mean at each latent pixel, and in which branches. */
  static final class Shift extends Handle implements ControlResiduals {
    private final float[] values;
    private final List<Integer> branches;

    Shift(float[] values, List<Integer> branches, Probe probe) {
      super(probe);
      this.values = values;
      this.branches = branches;
    }

    /** The shift at one of the latents' values, planes of pixels one after another. */
    static double of(ControlSignal signal, int branch, int index) {
      Shift shift = (Shift) signal.residuals();
      int place = shift.branches.indexOf(branch);
      if (place < 0) {
        return 0;
      }
      double scale = signal.scales().get(place).stream().mapToDouble(s -> s).average().orElse(0);
      return scale * shift.values[index % shift.values.length];
    }

    @Override
    public float[] toArray(int index) {
      return values.clone();
    }
  }
}
