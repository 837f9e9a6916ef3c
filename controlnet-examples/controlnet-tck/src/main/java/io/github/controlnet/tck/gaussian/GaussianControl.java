package io.github.controlnet.tck.gaussian;

import io.github.controlnet.spi.engine.Conditioning;
import io.github.controlnet.spi.engine.ControlNetwork;
import io.github.controlnet.spi.engine.ControlResiduals;
import io.github.controlnet.spi.engine.ControlSignal;
import io.github.controlnet.spi.engine.Hint;
import io.github.controlnet.spi.engine.LatentShape;
import io.github.controlnet.tck.gaussian.GaussianEngine.Probe;
import java.util.List;

/** Turns a hint into its mean, which shifts the mean of the data. */
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
    return new GaussianRun(sum / hint.values().length, List.copyOf(branches));
  }

  private final class GaussianRun extends Handle implements Run {
    private final double hintMean;
    private final List<Integer> branches;

    GaussianRun(double hintMean, List<Integer> branches) {
      super(probe);
      this.hintMean = hintMean;
      this.branches = branches;
    }

    @Override
    public ControlResiduals residuals(float[] latents, double timestep) {
      run();
      return new Shift(hintMean, branches, probe);
    }
  }

  /** How far a control at scale 1 shifts the mean, and in which branches. */
  static final class Shift extends Handle implements ControlResiduals {
    private final double hintMean;
    private final List<Integer> branches;

    Shift(double hintMean, List<Integer> branches, Probe probe) {
      super(probe);
      this.hintMean = hintMean;
      this.branches = branches;
    }

    static double of(ControlSignal signal, int branch) {
      Shift shift = (Shift) signal.residuals();
      int place = shift.branches.indexOf(branch);
      return place < 0
          ? 0
          : shift.hintMean
              * signal.scales().get(place).stream()
                  .mapToDouble(Double::doubleValue)
                  .average()
                  .orElse(0);
    }

    @Override
    public float[] toArray(int index) {
      return new float[] {(float) hintMean};
    }
  }
}
