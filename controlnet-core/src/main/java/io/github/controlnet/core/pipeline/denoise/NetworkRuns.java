package io.github.controlnet.core.pipeline.denoise;

import io.github.controlnet.core.internal.Cancellation;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.pipeline.canvas.PictureSize;
import io.github.controlnet.core.pipeline.condition.Branch;
import io.github.controlnet.core.pipeline.plan.ControlStrength;
import io.github.controlnet.core.pipeline.plan.GenerationPlan;
import io.github.controlnet.engine.Conditioning;
import io.github.controlnet.engine.ControlNetwork;
import io.github.controlnet.engine.ControlSignal;
import io.github.controlnet.engine.Denoiser;
import io.github.controlnet.engine.LatentShape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** U-Net and control networks, prepared for images that ask for the same branches and texts. */
final class NetworkRuns implements AutoCloseable {
  private final Closing open;
  private final GenerationPlan plan;
  private final Cancellation cancellation;
  private final Denoiser.Run denoiser;
  private final List<ActiveControl> controls = new ArrayList<>();

  /** A control network, ready for this generation. */
  private record ActiveControl(
      ControlNetwork.Run run, ControlStrength strength, List<Integer> branches) {}

  private NetworkRuns(
      Closing open,
      DenoisingTask task,
      LoadedNetworks networks,
      Asked asked,
      List<Integer> acting) {
    this.open = open;
    this.plan = task.plan();
    this.cancellation = task.cancellation();
    LatentShape all = plan.shape();
    int images = asked.rows().positive().size();
    LatentShape shape = new LatentShape(images, all.channels(), all.height(), all.width());
    int channels = all.channels() + task.origin().addedChannels();
    LatentShape unetShape = new LatentShape(images, channels, all.height(), all.width());
    Conditioning conditioning = conditioning(task, asked);
    cancellation.check();
    this.denoiser = open.add(networks.denoiser().start(unetShape, conditioning));
    for (int i : acting) {
      cancellation.check();
      ControlStrength strength = plan.controls().get(i).strength();
      List<Integer> controlled = strength.branches(asked.branches());
      controls.add(
          new ActiveControl(
              open.add(
                  networks
                      .controls()
                      .get(i)
                      .start(shape, conditioning, controlled, networks.hints().get(i))),
              strength,
              controlled));
    }
  }

  /**
   * Prepares the networks.
   *
   * @param asked what the images of these runs ask; it also tells how many they are
   * @param acting the controls that are needed, as indices into the plan's
   */
  static NetworkRuns open(
      DenoisingTask task, LoadedNetworks networks, Asked asked, List<Integer> acting) {
    return Closing.opening(open -> new NetworkRuns(open, task, networks, asked, acting));
  }

  private static Conditioning conditioning(DenoisingTask task, Asked asked) {
    int perturbed = asked.branches().indexOf(Branch.PERTURBED);
    Conditioning text =
        Conditioning.of(task.text(), asked.branches().stream().map(asked.rows()::of).toList())
            .withPerturbed(perturbed < 0 ? List.of() : List.of(perturbed));
    PictureSize size = task.plan().size();
    return task.plan().recipe().complete(text, size.width(), size.height());
  }

  /**
   * Asks the control networks that act at an evaluation, then the U-Net.
   *
   * @param latents the scaled latents
   * @param unetInput the same with what the U-Net sees besides
   * @return [branches, images, channels, height, width]
   */
  float[] predict(float[] latents, float[] unetInput, int evaluation) {
    double timestep = plan.sampling().timestep(evaluation);
    try (Closing residuals = new Closing()) {
      List<ControlSignal> signals = new ArrayList<>();
      for (ActiveControl control : controls) {
        if (control.strength().actsAt(evaluation)) {
          cancellation.check();
          signals.add(
              new ControlSignal(
                  residuals.add(control.run().residuals(latents, timestep)),
                  Collections.nCopies(
                      control.branches().size(), control.strength().at(evaluation))));
        }
      }
      cancellation.check();
      return denoiser.predict(unetInput, timestep, signals);
    }
  }

  @Override
  public void close() {
    open.close();
  }
}
