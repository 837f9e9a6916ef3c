package io.github.controlnet.core.models;

import io.github.controlnet.core.nn.Conv;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.GroupNorm;
import io.github.controlnet.core.nn.Method;
import io.github.controlnet.core.nn.Routine;
import io.github.controlnet.core.nn.Scope;
import io.github.controlnet.core.nn.Shape;
import io.github.controlnet.core.nn.Signature;
import io.github.controlnet.core.nn.Type;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.UNetSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/** The U-Net that predicts noise. */
public record UNet(UNetSpec spec, Trunk trunk, List<UpLevel> levels, GroupNorm normOut, Conv out) {
  /** Predicts noise from latents, branch by branch, with what controls say. */
  public static final Signature PREDICT =
      Signature.of(
          "predict",
          Signature.tensor("latents"),
          Signature.real("timestep"),
          Signature.whole("branches"),
          Signature.tensors("context"),
          Signature.tensors("residuals"),
          Signature.wholes("rows"),
          Signature.reals("scales"),
          Signature.wholes("perturbed"));

  /** Keys and values of all cross-attentions, from hidden states and the rows of the images. */
  public static final Signature CONTEXT = Trunk.CONTEXT;

  /**
   * Adds residual i of every control, branch by branch: residuals [control][residual], rows
   * [control][branch] (-1: this branch has none), scales [control][residual][branch].
   */
  private static final String ADD_CONTROLS =
      """
        def add_controls(self: __torch__.Network, x: Tensor, i: int, branches: int, residuals: List[Tensor], rows: List[int], scales: List[float]) -> Tensor:
          images = torch.floordiv(torch.size(x, 0), branches)
          controls = torch.floordiv(torch.len(residuals), %1$d)
          for c in range(controls):
            r = torch.add(torch.mul(c, %1$d), i)
            for b in range(branches):
              row = rows[torch.add(torch.mul(c, branches), b)]
              scale = scales[torch.add(torch.mul(r, branches), b)]
              if torch.ge(row, 0):
                if torch.ne(scale, 0.):
                  _0 = torch.add_(torch.narrow(x, 0, torch.mul(b, images), images), torch.narrow(residuals[r], 0, torch.mul(row, images), images), alpha=scale)
                else:
                  pass
              else:
                pass
          return x
      """;

  /** The decoder's feature maps of one size. */
  record UpLevel(List<Stage> stages, Optional<Conv> up) {}

  /** The network with its methods. */
  public static Graph graph(UNetSpec spec) {
    Graph graph = new Graph();
    UNet unet = of(graph.scope(), spec);
    unet.writePredict(graph);
    Trunk.writeContext(graph, CONTEXT, unet.crossAttentions());
    return graph;
  }

  /**
   * Lists the tensors of a U-Net.
   *
   * @param spec its sizes
   * @return names to shapes, in the order in which the network uses them
   */
  public static Map<String, List<Long>> shapes(UNetSpec spec) {
    Graph graph = new Graph();
    of(graph.scope(), spec);
    return graph.shapes();
  }

  static UNet of(Scope scope, UNetSpec spec) {
    Trunk trunk = Trunk.of(scope, spec);
    List<Integer> skips = skips(spec);
    List<UpLevel> levels = new ArrayList<>();
    int channels = spec.levels().get(spec.levels().size() - 1).channels();
    for (int i = spec.levels().size() - 1; i >= 0; i--) {
      UNetSpec.Level sizes = spec.levels().get(i);
      Scope block = scope.at("up_blocks." + (spec.levels().size() - 1 - i));
      List<Stage> stages = new ArrayList<>();
      for (int j = 0; j <= spec.residualBlocks(); j++) {
        int skip = skips.remove(skips.size() - 1);
        stages.add(Stage.of(block, j, channels + skip, sizes, spec));
        channels = sizes.channels();
      }
      Scope up = block.at("upsamplers.0.conv");
      levels.add(
          new UpLevel(
              stages, i > 0 ? Optional.of(Conv.of(up, channels, channels, 3)) : Optional.empty()));
    }
    return new UNet(
        spec,
        trunk,
        levels,
        GroupNorm.of(scope.at("conv_norm_out"), channels, spec.groups(), spec.normEpsilon()),
        Conv.of(scope.at("conv_out"), channels, spec.outChannels(), 3));
  }

  /** The channels of the skips, in the order of the encoder. */
  private static List<Integer> skips(UNetSpec spec) {
    List<Integer> skips = new ArrayList<>(List.of(spec.levels().get(0).channels()));
    for (int i = 0; i < spec.levels().size(); i++) {
      int maps = spec.residualBlocks() + (i + 1 < spec.levels().size() ? 1 : 0);
      for (int j = 0; j < maps; j++) {
        skips.add(spec.levels().get(i).channels());
      }
    }
    return skips;
  }

  private Stream<Attention> crossAttentions() {
    return Stream.concat(
        trunk.crossAttentions(),
        levels.stream().flatMap(level -> level.stages().stream()).flatMap(Stage::crossAttentions));
  }

  private void writePredict(Graph graph) {
    Method method = graph.method(PREDICT);
    Pass pass = Pass.inBranches(method, trunk.time().apply(method.input("timestep")));
    Value latents = method.input("latents", latents(spec)).image();
    Value h = trunk.encode(trunk.in().apply(latents), pass);
    h = trunk.perturbedMiddle(h, pass);
    Routine routine =
        new Routine(
            "add_controls", ADD_CONTROLS.formatted(spec.sites().size()), Routine.Effect.CHANGES);
    method.result(decode(h, pass, (x, index) -> controlled(method, routine, x, index)).export());
  }

  static long[] latents(UNetSpec spec) {
    return new long[] {Shape.OPEN, spec.inChannels(), Shape.OPEN, Shape.OPEN};
  }

  private static Value controlled(Method method, Routine routine, Value x, int index) {
    return method.run(
        routine,
        Type.TENSOR,
        x.shape(),
        x,
        index,
        method.input("branches"),
        method.input("residuals"),
        method.input("rows"),
        method.input("scales"));
  }

  /**
   * The decoder.
   *
   * @param middle the middle's output
   * @param controls adds what controls say to a feature map, by the number of the residual
   */
  Value decode(Value middle, Pass pass, BiFunction<Value, Integer, Value> controls) {
    List<Pass.Skip> skips = pass.skips();
    Value h = controls.apply(middle, skips.size());
    for (UpLevel level : levels) {
      for (Stage stage : level.stages()) {
        int index = skips.size() - 1;
        Value beside = controls.apply(pass.expand(skips.remove(index)), index);
        h = stage.apply(h.cat(1, beside), pass);
        pass.cut();
      }
      if (level.up().isPresent()) {
        // to the skip's size, which is not twice ours when the size above is odd
        Value next = skips.get(skips.size() - 1).map();
        h = level.up().get().apply(h.upsample(next.rows(), next.columns()));
      }
    }
    return out.apply(normOut.apply(h).silu());
  }
}
