package io.github.controlnet.core.models;

import io.github.controlnet.core.nn.Conv;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Method;
import io.github.controlnet.core.nn.Scope;
import io.github.controlnet.core.nn.Signature;
import io.github.controlnet.core.nn.Type;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.UNetSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a U-Net and its ControlNet share: encoder and middle. */
record Trunk(
    UNetSpec spec,
    Conv in,
    TimeEmbedding time,
    List<Level> levels,
    Stage middle,
    ResidualBlock last) {

  /** The encoder's feature maps of one size. */
  record Level(List<Stage> stages, int channels, Optional<Conv> down) {}

  static Trunk of(Scope scope, UNetSpec spec) {
    int width = spec.levels().get(0).channels();
    Conv in = Conv.of(scope.at("conv_in"), spec.inChannels(), width, 3);
    TimeEmbedding time = TimeEmbedding.of(scope.at("time_embedding"), width, spec.timeWidth());
    List<Level> levels = new ArrayList<>();
    int channels = width;
    for (int i = 0; i < spec.levels().size(); i++) {
      UNetSpec.Level sizes = spec.levels().get(i);
      Scope block = scope.at("down_blocks." + i);
      List<Stage> stages = new ArrayList<>();
      for (int j = 0; j < spec.residualBlocks(); j++) {
        stages.add(Stage.of(block, j, channels, sizes, spec));
        channels = sizes.channels();
      }
      Scope down = block.at("downsamplers.0.conv");
      Convolution halving = Convolution.of(channels, channels, 3).stride(2);
      levels.add(
          new Level(
              stages,
              channels,
              i + 1 < spec.levels().size()
                  ? Optional.of(Conv.of(down, halving))
                  : Optional.empty()));
    }
    Scope block = scope.at("mid_block");
    ResidualBlock.Sizes sizes = Stage.sizes(spec);
    Stage middle =
        new Stage(
            ResidualBlock.of(block.at("resnets.0"), channels, channels, sizes),
            Stage.transformer(
                block.at("attentions.0"), channels, spec.middleDepth(), spec.middleHeads(), spec));
    ResidualBlock last = ResidualBlock.of(block.at("resnets.1"), channels, channels, sizes);
    return new Trunk(spec, in, time, levels, middle, last);
  }

  /** Encoder, from the output of the first convolution; notes the skips. */
  Value encode(Value x, Pass pass) {
    Value h = x;
    pass.skip(h, spec.levels().get(0).channels());
    for (Level level : levels) {
      for (Stage stage : level.stages()) {
        h = stage.apply(h, pass);
        pass.skip(h, level.channels());
        pass.cut();
      }
      if (level.down().isPresent()) {
        h = level.down().get().apply(h);
        pass.skip(h, level.channels());
      }
    }
    return h;
  }

  /**
   * Middle with self-attention that is the identity in the branches {@code perturbed}; its result
   * holds all branches.
   */
  Value perturbedMiddle(Value x, Pass pass) {
    // The branches part at the self-attention, which comes before the first text.
    Value h = pass.isExpanded() ? x : pass.expand(x);
    pass.setExpanded();
    pass.setPerturbing(true);
    h = middle(h, pass);
    pass.setPerturbing(false);
    return h;
  }

  /** Middle; its result holds all branches. */
  Value middle(Value x, Pass pass) {
    Value h = middle.apply(x, pass);
    pass.cut();
    h = last.apply(h, pass.time());
    if (!pass.isExpanded()) {
      h = pass.expand(h);
      pass.setExpanded();
    }
    pass.cut();
    return h;
  }

  Stream<Attention> crossAttentions() {
    return Stream.concat(
        levels.stream().flatMap(level -> level.stages().stream()).flatMap(Stage::crossAttentions),
        middle.crossAttentions());
  }

  /**
   * Writes the method that computes keys and values of cross-attentions: they depend on the text
   * alone.
   */
  static void writeContext(Graph graph, Signature signature, Stream<Attention> attentions) {
    Method method = graph.method(signature);
    Value states = method.input("states").toDevice().indexSelect(0, method.input("rows").indices());
    List<Value> results = new ArrayList<>();
    attentions.forEach(
        attention -> {
          results.add(attention.keys(states));
          results.add(attention.values(states));
        });
    method.results(results);
  }

  /** What {@link #writeContext} writes. */
  static final Signature CONTEXT =
      Signature.of("context", Signature.tensor("states"), Signature.indices("rows"))
          .returning(Type.TENSORS);
}
