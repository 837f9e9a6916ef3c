package io.github.controlnet.core.pipeline.denoise;

import io.github.controlnet.StepListener;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.pipeline.denoise.Previewer.DoneStep;
import io.github.controlnet.core.pipeline.plan.GenerationPlan;
import io.github.controlnet.exception.EngineException;
import io.github.controlnet.exception.Help;
import io.github.controlnet.sampler.NoiseSource;
import io.github.controlnet.sampler.SamplerRun;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The steps from noise to latents: control networks, U-Net, guidance, sampler. */
public final class DenoisingLoop {
  private final DenoisingTask task;
  private final NoiseSource noise;
  private final StepListener listener;
  private final List<Double> stepSeconds = new ArrayList<>();

  public DenoisingLoop(DenoisingTask task, NoiseSource noise, StepListener listener) {
    this.task = task;
    this.noise = noise;
    this.listener = listener;
  }

  /**
   * Denoises.
   *
   * @param networks what to ask
   * @param previewer draws what the listener asks for
   * @return the final latents
   */
  public float[] run(LoadedNetworks networks, Previewer previewer) {
    try (Closing open = new Closing()) {
      Map<Asked, BatchRuns> runs = new HashMap<>();
      GenerationPlan plan = task.plan();
      Origin origin = task.origin();
      SamplerRun sampling = plan.sampling();
      float[] latents = origin.begin();
      int steps = sampling.evaluations();
      for (int step = 0; step < steps; step++) {
        BatchRuns ready =
            runs.computeIfAbsent(
                Asked.at(step, plan), asked -> open.add(BatchRuns.open(task, networks, asked)));
        long start = System.nanoTime();
        float[] input = sampling.scaleInput(step, latents);
        float[] prediction = ready.predict(input, step);
        float[] guided = plan.guider().combine(step, prediction, plan.shape().images());
        latents = origin.hold(step + 1, sampling.step(step, guided, latents, noise));
        requireFinite(latents, step + 1, steps);
        stepSeconds.add((System.nanoTime() - start) / 1e9);
        double timestep = sampling.timestep(step);
        DoneStep done = new DoneStep(timestep, input, guided, latents);
        listener.onStep(new FinishedStep(step + 1, steps, timestep, () -> previewer.draw(done)));
      }
      task.cancellation().check();
      return latents;
    }
  }

  /** What is no number stays none, and would end as a black picture that tells nothing. */
  private static void requireFinite(float[] latents, int step, int steps) {
    for (float latent : latents) {
      if (!Float.isFinite(latent)) {
        throw new EngineException(
            Help.NOT_FINITE.after(
                ("The latents are %s after step %d of %d: numbers grew too large. Take a smaller guidance"
                        + " scale or control scale, another sampler, or float32 instead of float16.")
                    .formatted(latent, step, steps)));
      }
    }
  }

  /** How long each step took, in seconds; complete after {@link #run}. */
  public List<Double> stepSeconds() {
    return stepSeconds;
  }

  private record FinishedStep(
      int number, int totalSteps, double timestep, Supplier<List<BufferedImage>> drawing)
      implements StepListener.Step {
    @Override
    public List<BufferedImage> preview() {
      return drawing.get();
    }
  }
}
