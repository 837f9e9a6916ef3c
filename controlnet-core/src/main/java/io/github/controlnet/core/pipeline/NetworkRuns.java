package io.github.controlnet.core.pipeline;

import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.spi.engine.Conditioning;
import io.github.controlnet.spi.engine.ControlNetwork;
import io.github.controlnet.spi.engine.ControlSignal;
import io.github.controlnet.spi.engine.Denoiser;
import io.github.controlnet.spi.engine.LatentShape;
import io.github.controlnet.spi.engine.TextStates;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** U-Net and control networks, prepared for the evaluations that need certain branches. */
final class NetworkRuns implements AutoCloseable {
  private final Closing open;
  private final GenerationPlan plan;
  private final Origin origin;
  private final Cancellation cancellation;
  private final Denoiser.Run denoiser;
  private final List<ActiveControl> controls = new ArrayList<>();

  /**
   * What stays the same over the evaluations that share these runs.
   *
   * @param branches what is asked
   * @param rows about which texts
   */
  record Asked(List<Branch> branches, TextPlan.Rows rows) {
    static Asked at(int evaluation, GenerationPlan plan) {
      return new Asked(plan.guider().branches(evaluation), plan.text().rows(evaluation));
    }
  }

  /** A control network, ready for this generation. */
  private record ActiveControl(
      ControlNetwork.Run run, ControlStrength strength, List<Integer> branches) {}

  private NetworkRuns(
      Closing open,
      GenerationPlan plan,
      LoadedNetworks networks,
      TextStates states,
      Origin origin,
      Asked asked,
      Cancellation cancellation) {
    this.open = open;
    this.plan = plan;
    this.origin = origin;
    this.cancellation = cancellation;
    List<Branch> branches = asked.branches();
    Conditioning conditioning = conditioning(states, asked);
    cancellation.check();
    this.denoiser = open.add(networks.denoiser().start(unetShape(), conditioning));
    for (int i = 0; i < plan.controls().size(); i++) {
      ControlStrength strength = plan.controls().get(i).strength();
      if (IntStream.range(0, plan.sampling().evaluations())
          .anyMatch(e -> strength.actsAt(e) && Asked.at(e, plan).equals(asked))) {
        cancellation.check();
        List<Integer> controlled = strength.branches(branches);
        controls.add(
            new ActiveControl(
                open.add(
                    networks
                        .controls()
                        .get(i)
                        .start(plan.shape(), conditioning, controlled, networks.hints().get(i))),
                strength,
                controlled));
      }
    }
  }

  static NetworkRuns open(
      GenerationPlan plan,
      LoadedNetworks networks,
      TextStates states,
      Origin origin,
      Asked asked,
      Cancellation cancellation) {
    return Closing.opening(
        open -> new NetworkRuns(open, plan, networks, states, origin, asked, cancellation));
  }

  private LatentShape unetShape() {
    LatentShape shape = plan.shape();
    int channels = shape.channels() + origin.addedChannels();
    return new LatentShape(shape.images(), channels, shape.height(), shape.width());
  }

  private static Conditioning conditioning(TextStates states, Asked asked) {
    int perturbed = asked.branches().indexOf(Branch.PERTURBED);
    return new Conditioning(
        states,
        asked.branches().stream().map(asked.rows()::of).toList(),
        perturbed < 0 ? List.of() : List.of(perturbed));
  }

  /** Asks the control networks that act at an evaluation, then the U-Net. */
  float[] predict(float[] input, int evaluation) {
    double timestep = plan.sampling().timestep(evaluation);
    try (Closing residuals = new Closing()) {
      List<ControlSignal> signals = new ArrayList<>();
      for (ActiveControl control : controls) {
        if (control.strength().actsAt(evaluation)) {
          cancellation.check();
          signals.add(
              new ControlSignal(
                  residuals.add(control.run().residuals(input, timestep)),
                  Collections.nCopies(
                      control.branches().size(), control.strength().at(evaluation))));
        }
      }
      cancellation.check();
      return denoiser.predict(origin.unetInput(input), timestep, signals);
    }
  }

  @Override
  public void close() {
    open.close();
  }
}
