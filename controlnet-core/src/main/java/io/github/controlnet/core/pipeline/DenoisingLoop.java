package io.github.controlnet.core.pipeline;

import io.github.controlnet.GuessMode;
import io.github.controlnet.StepListener;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.spi.engine.Conditioning;
import io.github.controlnet.spi.engine.ControlNetwork;
import io.github.controlnet.spi.engine.ControlSignal;
import io.github.controlnet.spi.engine.Denoiser;
import io.github.controlnet.spi.engine.Hint;
import io.github.controlnet.spi.engine.LatentShape;
import io.github.controlnet.spi.scheduler.NoiseSource;
import io.github.controlnet.spi.scheduler.SchedulerRun;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** The steps from noise to latents: control networks, U-Net, guidance, scheduler. */
final class DenoisingLoop {
  private final GenerationPlan plan;
  private final Conditioning conditioning;
  private final Origin origin;
  private final NoiseSource noise;
  private final Cancellation cancellation;
  private final StepListener listener;
  private final List<Double> stepSeconds = new ArrayList<>();

  DenoisingLoop(
      GenerationPlan plan,
      Conditioning conditioning,
      Origin origin,
      NoiseSource noise,
      Cancellation cancellation,
      StepListener listener) {
    this.plan = plan;
    this.conditioning = conditioning;
    this.origin = origin;
    this.noise = noise;
    this.cancellation = cancellation;
    this.listener = listener;
  }

  /** A control network, loaded and ready for this generation. */
  private record ActiveControl(ControlNetwork.Run run, ControlStrength strength, int branches) {}

  /**
   * Denoises.
   *
   * @param denoiser the U-Net, loaded
   * @param networks the control networks of the plan's controls, loaded, in their order
   * @param hints their control maps
   * @return the final latents
   */
  float[] run(Denoiser denoiser, List<ControlNetwork> networks, List<Hint> hints) {
    try (Closing open = new Closing()) {
      LatentShape shape = plan.shape();
      cancellation.check();
      Denoiser.Run unet = open.add(denoiser.start(unetShape(), conditioning));
      List<ActiveControl> controls = new ArrayList<>();
      for (int i = 0; i < networks.size(); i++) {
        cancellation.check();
        List<Integer> branches = controlledBranches();
        controls.add(
            new ActiveControl(
                open.add(networks.get(i).start(shape, conditioning, branches, hints.get(i))),
                plan.controls().get(i).strength(),
                branches.size()));
      }
      return denoise(unet, controls);
    }
  }

  private LatentShape unetShape() {
    LatentShape shape = plan.shape();
    int channels = shape.channels() + origin.addedChannels();
    return new LatentShape(shape.images(), channels, shape.height(), shape.width());
  }

  /** In guess mode the unconditional branch sees no control. */
  private List<Integer> controlledBranches() {
    int first = plan.guessMode() == GuessMode.OFF ? 0 : plan.guidance().conditionalBranch();
    return IntStream.range(first, plan.guidance().branches()).boxed().toList();
  }

  private float[] denoise(Denoiser.Run unet, List<ActiveControl> controls) {
    SchedulerRun sampling = plan.sampling();
    float[] latents = origin.begin();
    int steps = sampling.evaluations();
    for (int step = 0; step < steps; step++) {
      long start = System.nanoTime();
      float[] input = sampling.scaleInput(step, latents);
      float[] prediction = predict(unet, controls, input, step);
      latents = sampling.step(step, plan.guidance().combine(prediction), latents, noise);
      latents = origin.hold(step + 1, latents);
      stepSeconds.add((System.nanoTime() - start) / 1e9);
      listener.onStep(
          new FinishedStep(step + 1, steps, sampling.timestep(step), latents, plan.shape()));
    }
    cancellation.check();
    return latents;
  }

  private float[] predict(
      Denoiser.Run unet, List<ActiveControl> controls, float[] input, int step) {
    double timestep = plan.sampling().timestep(step);
    try (Closing residuals = new Closing()) {
      List<ControlSignal> signals = new ArrayList<>();
      for (ActiveControl control : controls) {
        if (control.strength().actsAt(step, plan.sampling().evaluations())) {
          cancellation.check();
          signals.add(
              new ControlSignal(
                  residuals.add(control.run().residuals(input, timestep)),
                  Collections.nCopies(control.branches(), control.strength().layers())));
        }
      }
      cancellation.check();
      return unet.predict(origin.unetInput(input), timestep, signals);
    }
  }

  /** How long each step took, in seconds; complete after {@link #run}. */
  List<Double> stepSeconds() {
    return stepSeconds;
  }

  private record FinishedStep(
      int number, int totalSteps, double timestep, float[] latents, LatentShape shape)
      implements StepListener.Step {
    @Override
    public List<BufferedImage> preview() {
      return LatentPreview.draw(latents, shape);
    }
  }
}
