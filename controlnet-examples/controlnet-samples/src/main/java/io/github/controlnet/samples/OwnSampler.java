package io.github.controlnet.samples;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.NoiseSource;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.SamplerRun;
import io.github.controlnet.sampler.SamplingOptions;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A sampler of one's own, in the smallest form: DDIM without noise, with steps that are shorter
 * towards the end. A provider in {@code META-INF/services} would give it to the command by name.
 */
public final class OwnSampler implements Sampler {
  private static final double LATE = 1.5;

  /** Creates it. */
  public OwnSampler() {}

  @Override
  public String name() {
    return "sample_late";
  }

  @Override
  public SamplerRun start(NoiseSchedule schedule, SamplingOptions options) {
    return new Run(schedule, options.steps());
  }

  private record Run(NoiseSchedule schedule, int evaluations) implements SamplerRun {

    @Override
    public double timestep(int index) {
      double left = 1 - (double) index / evaluations;
      return Math.max(0, Math.rint(Math.pow(left, LATE) * schedule.timesteps()) - 1);
    }

    private double alphaBar(int index) {
      return index == evaluations
          ? schedule.finalAlphaBar()
          : schedule.alphaBar((int) timestep(index));
    }

    @Override
    public double initialNoiseScale() {
      return 1;
    }

    @Override
    public float[] scaleInput(int index, float[] latents) {
      return latents;
    }

    @Override
    public float[] step(int index, float[] prediction, float[] latents, NoiseSource noise) {
      double signal = Math.sqrt(alphaBar(index));
      double spread = Math.sqrt(1 - alphaBar(index));
      double nextSignal = Math.sqrt(alphaBar(index + 1));
      double nextSpread = Math.sqrt(1 - alphaBar(index + 1));
      float[] next = new float[latents.length];
      for (int i = 0; i < next.length; i++) {
        // The model predicts the noise, as Stable Diffusion 1.x does.
        double clean = (latents[i] - spread * prediction[i]) / signal;
        next[i] = (float) (nextSignal * clean + nextSpread * prediction[i]);
      }
      return next;
    }

    /** Where image to image starts. */
    @Override
    public float[] addNoise(int index, float[] sample, float[] noise) {
      double signal = Math.sqrt(alphaBar(index));
      double spread = Math.sqrt(1 - alphaBar(index));
      float[] noised = new float[sample.length];
      for (int i = 0; i < noised.length; i++) {
        noised[i] = (float) (signal * sample[i] + spread * noise[i]);
      }
      return noised;
    }
  }

  /**
   * Draws a picture with it.
   *
   * @param args the output folder
   * @throws IOException when the picture cannot be written
   */
  public static void main(String[] args) throws IOException {
    DemoModel demo = DemoModel.extract(Path.of("target", "demo"));
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder().base(BaseModel.of(demo.base())).build()) {
      GenerationResult result =
          pipeline.generate(
              GenerationRequest.builder()
                  .sampler(new OwnSampler())
                  .size(128, 128)
                  .steps(8)
                  .seed(42)
                  .build());
      Output.save(result.images().get(0), args, "own-sampler.png");
    }
  }
}
