package io.github.controlnet.tck.gaussian;

import io.github.controlnet.engine.Conditioning;
import io.github.controlnet.engine.ControlSignal;
import io.github.controlnet.engine.Denoiser;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.tck.gaussian.GaussianEngine.Probe;
import java.util.List;

/**
 * The best prediction of the noise when the data are Gaussian: with {@code x = sqrt(a) data +
 * sqrt(1-a) noise}, the noise expected at x is {@code sqrt(1-a) (x - sqrt(a) mean) / (a deviation^2
 * + 1 - a)}. In a perturbed branch the text counts half.
 */
final class GaussianDenoiser extends GaussianComponent implements Denoiser {
  private final NoiseSchedule schedule = NoiseSchedule.stableDiffusion();
  private final Probe probe;

  GaussianDenoiser(Probe probe) {
    super("denoiser", probe);
    this.probe = probe;
  }

  @Override
  public Run start(LatentShape shape, Conditioning conditioning) {
    return new GaussianRun(shape, conditioning);
  }

  private final class GaussianRun extends Handle implements Run {
    private final LatentShape shape;
    private final Conditioning conditioning;

    GaussianRun(LatentShape shape, Conditioning conditioning) {
      super(probe);
      this.shape = shape;
      this.conditioning = conditioning;
    }

    @Override
    public float[] predict(float[] latents, double timestep, List<ControlSignal> controls) {
      run();
      double alpha = schedule.alphaBar((int) Math.round(timestep));
      double variance = alpha * GaussianEngine.DEVIATION * GaussianEngine.DEVIATION + 1 - alpha;
      int each = shape.size() / shape.images();
      float[] prediction = new float[conditioning.branches().size() * latents.length];
      int at = 0;
      for (int branch = 0; branch < conditioning.branches().size(); branch++) {
        double attention = conditioning.perturbed().contains(branch) ? 0.5 : 1;
        for (int i = 0; i < latents.length; i++) {
          int text = conditioning.branches().get(branch).get(i / each);
          double mean = attention * GaussianTextEncoder.mean(conditioning.text(), text);
          for (ControlSignal control : controls) {
            mean += GaussianControl.Shift.of(control, branch, i);
          }
          prediction[at++] =
              (float) (Math.sqrt(1 - alpha) * (latents[i] - Math.sqrt(alpha) * mean) / variance);
        }
      }
      return prediction;
    }
  }
}
