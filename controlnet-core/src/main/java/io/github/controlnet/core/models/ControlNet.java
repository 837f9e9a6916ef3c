package io.github.controlnet.core.models;

import io.github.controlnet.core.nn.Conv;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Method;
import io.github.controlnet.core.nn.Routine;
import io.github.controlnet.core.nn.Scope;
import io.github.controlnet.core.nn.Shape;
import io.github.controlnet.core.nn.Signature;
import io.github.controlnet.core.nn.Type;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.Site;
import io.github.controlnet.engine.UNetSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A ControlNet.
 *
 * @param hint the convolutions that embed the hint
 * @param down zero convolutions, one for each skip of the encoder
 * @param middle the zero convolution after the middle
 */
public record ControlNet(
    ControlNetSpec spec, List<Conv> hint, Trunk trunk, List<Conv> down, Conv middle) {
  /** The hint as the encoder adds it to its input. */
  public static final Signature EMBED = Signature.of("embed", Signature.tensor("pixels"));

  /** A region's grid where the network is computed. */
  public static final Signature PLACE = Signature.of("place", Signature.tensor("grid"));

  /** What is said at each skip and in the middle; the region may be empty for everywhere. */
  public static final Signature RESIDUALS =
      Signature.of(
              "residuals",
              Signature.tensor("latents"),
              Signature.real("timestep"),
              Signature.whole("branches"),
              Signature.tensors("context"),
              Signature.tensor("hint"),
              Signature.tensors("region"))
          .returning(Type.TENSORS);

  /** Keys and values of all cross-attentions, from hidden states and the rows of the images. */
  public static final Signature CONTEXT = Trunk.CONTEXT;

  /** Confines a residual to the region, which is a grid for each level, or empty for everywhere. */
  private static final Routine CONFINE =
      new Routine(
          "confine",
          """
            def confine(self: __torch__.Network, x: Tensor, region: List[Tensor], level: int) -> Tensor:
              if torch.gt(torch.len(region), 0):
                y = torch.mul(x, region[level])
              else:
                y = x
              return y
          """,
          Routine.Effect.RETURNS);

  /** The network with its methods. */
  public static Graph graph(ControlNetSpec spec) {
    Graph graph = new Graph();
    ControlNet control = of(graph.scope(), spec);
    Method embed = graph.method(EMBED);
    embed.result(control.embedded(embed.input("pixels")));
    Method place = graph.method(PLACE);
    // A copy: the argument's memory is the caller's.
    place.result(place.input("grid").toDevice().copy());
    control.writeResiduals(graph);
    Trunk.writeContext(graph, CONTEXT, control.trunk.crossAttentions());
    return graph;
  }

  /**
   * Lists the tensors of a ControlNet.
   *
   * @param spec its sizes
   * @return names to shapes, in the order in which the network uses them
   */
  public static Map<String, List<Long>> shapes(ControlNetSpec spec) {
    Graph graph = new Graph();
    of(graph.scope(), spec);
    return graph.shapes();
  }

  static ControlNet of(Scope scope, ControlNetSpec spec) {
    UNetSpec sizes = spec.trunk();
    int width = sizes.levels().get(0).channels();
    List<Conv> hint = hint(scope.at("controlnet_cond_embedding"), spec, width);
    Trunk trunk = Trunk.of(scope, sizes);
    List<Conv> down = new ArrayList<>();
    Scope zeros = scope.at("controlnet_down_blocks");
    down.add(zero(zeros.at(0), width));
    for (Trunk.Level level : trunk.levels()) {
      int maps = level.stages().size() + (level.down().isPresent() ? 1 : 0);
      for (int i = 0; i < maps; i++) {
        down.add(zero(zeros.at(down.size()), level.channels()));
      }
    }
    int channels = sizes.levels().get(sizes.levels().size() - 1).channels();
    return new ControlNet(
        spec, hint, trunk, down, zero(scope.at("controlnet_mid_block"), channels));
  }

  private static Conv zero(Scope scope, int channels) {
    return Conv.of(scope, Convolution.of(channels, channels, 1));
  }

  private static List<Conv> hint(Scope scope, ControlNetSpec spec, int width) {
    List<Integer> widths = spec.hintWidths();
    List<Conv> layers = new ArrayList<>();
    layers.add(Conv.of(scope.at("conv_in"), spec.hintChannels(), widths.get(0), 3));
    for (int i = 1; i < widths.size(); i++) {
      Convolution sizes = Convolution.of(widths.get(i - 1), widths.get(i), 3);
      layers.add(Conv.of(scope.at("blocks." + (i - 1)), sizes.stride(i % 2 == 0 ? 2 : 1)));
    }
    layers.add(Conv.of(scope.at("conv_out"), widths.get(widths.size() - 1), width, 3));
    return layers;
  }

  /** The hint, a picture of levels 0 to 1, as the encoder adds it to its input. */
  Value embedded(Value pixels) {
    Value h = hint.get(0).apply(pixels.image());
    for (Conv conv : hint.subList(1, hint.size())) {
      h = conv.apply(h.silu());
    }
    return h;
  }

  /** Encoder and middle, the embedded hint added to the input. */
  Value encode(Value latents, Value embedded, Pass pass) {
    Value h = trunk.in().apply(latents);
    return trunk.middle(trunk.encode(h.plus(embedded), pass), pass);
  }

  /** What is said at a skip of the encoder. */
  Value residual(Pass pass, int index) {
    return pooled(down.get(index).apply(pass.expand(pass.skips().get(index))));
  }

  /** What is said in the middle. */
  Value middleResidual(Value encoded) {
    return pooled(middle.apply(encoded));
  }

  private Value pooled(Value residual) {
    return spec.globalPooling() ? residual.mean(2, 3) : residual;
  }

  private void writeResiduals(Graph graph) {
    UNetSpec sizes = spec.trunk();
    Method method = graph.method(RESIDUALS);
    Pass pass = Pass.inBranches(method, trunk.time().apply(method.input("timestep")));
    Value latents = method.input("latents", UNet.latents(sizes)).image();
    Value hinted =
        method.input("hint", Shape.OPEN, sizes.levels().get(0).channels(), Shape.OPEN, Shape.OPEN);
    Value encoded = encode(latents, hinted, pass);
    List<Value> results = new ArrayList<>();
    for (int i = 0; i < down.size(); i++) {
      results.add(residual(pass, i));
    }
    results.add(middleResidual(encoded));
    List<Site> sites = spec.sites();
    for (int i = 0; i < results.size(); i++) {
      Value all = results.get(i);
      Value region = method.input("region");
      results.set(
          i, method.run(CONFINE, Type.TENSOR, all.shape(), all, region, sites.get(i).level()));
    }
    method.results(results);
  }

  /** How many latents' sides the hint's side is: 8 for Stable Diffusion. */
  public static int factor(ControlNetSpec spec) {
    return 1 << ((spec.hintWidths().size() - 1) / 2);
  }
}
