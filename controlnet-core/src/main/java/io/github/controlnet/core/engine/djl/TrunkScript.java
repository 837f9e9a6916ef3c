package io.github.controlnet.core.engine.djl;

import io.github.controlnet.core.network.Convolution;
import io.github.controlnet.core.network.ScriptWriter;
import io.github.controlnet.spi.engine.UNetSpec;
import io.github.controlnet.spi.engine.UNetSpec.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes what a U-Net and its ControlNet share: encoder, middle and transformers.
 *
 * <p>Guidance branches have the same latents, so everything before the first cross-attention is
 * computed once and repeated there ({@link #expanded}).
 */
final class TrunkScript {
  /** Epsilon of the transformers' group norm; the residual blocks' own is in the architecture. */
  private static final double TRANSFORMER_NORM_EPSILON = 1e-6;

  private static final double LAYER_NORM_EPSILON = 1e-5;

  /** A feature map that the decoder will read. */
  record Skip(String name, int channels, boolean expanded) {}

  private final ScriptWriter script;
  private final UNetSpec architecture;
  private final List<String> crossAttentions = new ArrayList<>();
  private final List<Integer> crossWidths = new ArrayList<>();
  private final List<Integer> crossHeads = new ArrayList<>();
  private final List<Skip> skips = new ArrayList<>();
  private final Optional<String> states;
  private String time = "";
  private boolean expanded;
  private boolean perturbing;

  TrunkScript(ScriptWriter script, UNetSpec architecture) {
    this(script, architecture, Optional.empty());
  }

  /**
   * Starts a trunk.
   *
   * @param states the variable with the text states of each image, where there are no branches and
   *     the keys and values of cross-attentions are computed on the way (training); without it they
   *     come in as the parameter {@code context}
   */
  TrunkScript(ScriptWriter script, UNetSpec architecture, Optional<String> states) {
    this.script = script;
    this.architecture = architecture;
    this.states = states;
    this.expanded = states.isPresent();
  }

  List<Skip> skips() {
    return skips;
  }

  /** Time embedding; {@link #encode} and the rest refer to it. */
  void time() {
    time = script.timeEmbedding(architecture.levels().get(0).channels(), architecture.timeWidth());
  }

  /** Encoder, from the output of {@code conv_in}; fills {@link #skips()}. */
  String encode(String x) {
    List<Level> levels = architecture.levels();
    String h = x;
    int channels = levels.get(0).channels();
    skip(h, channels);
    for (int i = 0; i < levels.size(); i++) {
      Level level = levels.get(i);
      String block = "down_blocks." + i;
      for (int j = 0; j < architecture.residualBlocks(); j++) {
        h = residualBlock(h, block + ".resnets." + j, channels, level.channels());
        channels = level.channels();
        h = transformer(h, block + ".attentions." + j, channels, level.depth(), level.heads());
        skip(h, channels);
        script.cut();
      }
      if (i + 1 < levels.size()) {
        h =
            script.conv(
                h, block + ".downsamplers.0.conv", Convolution.of(channels, channels, 3).stride(2));
        skip(h, channels);
      }
    }
    return h;
  }

  /**
   * Middle with self-attention that is the identity in the branches of the parameter {@code
   * perturbed}; its result holds all branches.
   */
  String perturbedMiddle(String x) {
    // The branches part at the self-attention, which comes before the first text.
    String h = expanded ? x : expand(x);
    expanded = true;
    perturbing = true;
    h = middle(h);
    perturbing = false;
    return h;
  }

  /** Middle; its result holds all branches. */
  String middle(String x) {
    int channels = architecture.levels().get(architecture.levels().size() - 1).channels();
    String h = residualBlock(x, "mid_block.resnets.0", channels, channels);
    h =
        transformer(
            h,
            "mid_block.attentions.0",
            channels,
            architecture.middleDepth(),
            architecture.middleHeads());
    script.cut();
    h = residualBlock(h, "mid_block.resnets.1", channels, channels);
    if (!expanded) {
      h = expand(h);
      expanded = true;
    }
    script.cut();
    return h;
  }

  String residualBlock(String x, String name, int in, int out) {
    return script.residualBlock(
        x,
        name,
        in,
        out,
        architecture.groups(),
        architecture.normEpsilon(),
        time,
        architecture.timeWidth());
  }

  String transformer(String x, String name, int channels, int depth, int heads) {
    if (depth == 0) {
      return x;
    }
    ScriptWriter.requireDivides(name, channels, heads, "heads");
    boolean linear = architecture.linearProjection();
    String input = x;
    String h =
        script.groupNorm(
            x, name + ".norm", channels, architecture.groups(), TRANSFORMER_NORM_EPSILON);
    if (linear) {
      h = script.toSequence(h, channels);
      h = script.linear(h, name + ".proj_in", channels, channels, true);
    } else {
      h = script.conv(h, name + ".proj_in", Convolution.of(channels, channels, 1));
      h = script.toSequence(h, channels);
    }
    for (int i = 0; i < depth; i++) {
      String block = name + ".transformer_blocks." + i;
      h = selfAttention(h, block, channels, heads);
      if (!expanded) {
        h = expand(h);
        input = expand(input);
        expanded = true;
      }
      h = crossAttention(h, block, channels, heads);
      h = feedForward(h, block, channels);
    }
    if (linear) {
      h = script.linear(h, name + ".proj_out", channels, channels, true);
      h = script.toImage(h, input, channels);
    } else {
      h = script.toImage(h, input, channels);
      h = script.conv(h, name + ".proj_out", Convolution.of(channels, channels, 1));
    }
    return script.add_(h, input);
  }

  private String selfAttention(String x, String block, int channels, int heads) {
    String name = block + ".attn1";
    String n = script.layerNorm(x, block + ".norm1", channels, LAYER_NORM_EPSILON);
    String q = script.linear(n, name + ".to_q", channels, channels, false);
    String k = script.linear(n, name + ".to_k", channels, channels, false);
    String v = script.linear(n, name + ".to_v", channels, channels, false);
    String a =
        script.attention(
            script.heads(q, channels, heads),
            script.heads(k, channels, heads),
            script.heads(v, channels, heads),
            channels,
            false);
    if (perturbing) {
      a = script.let("(self).perturb(" + a + ", " + v + ", branches, perturbed)");
    }
    return script.add_(script.linear(a, name + ".to_out.0", channels, channels, true), x);
  }

  private String crossAttention(String x, String block, int channels, int heads) {
    String name = block + ".attn2";
    String n = script.layerNorm(x, block + ".norm2", channels, LAYER_NORM_EPSILON);
    String q = script.linear(n, name + ".to_q", channels, channels, false);
    List<String> context = context(name, channels, heads);
    String a =
        script.attention(
            script.heads(q, channels, heads), context.get(0), context.get(1), channels, false);
    return script.add_(script.linear(a, name + ".to_out.0", channels, channels, true), x);
  }

  /** Keys and values of a cross-attention. */
  private List<String> context(String name, int channels, int heads) {
    if (states.isPresent()) {
      return List.of(
          projected(states.get(), name + ".to_k", channels, heads),
          projected(states.get(), name + ".to_v", channels, heads));
    }
    int index = 2 * crossAttentions.size();
    crossAttentions.add(name);
    crossWidths.add(channels);
    crossHeads.add(heads);
    return List.of("context[" + index + "]", "context[" + (index + 1) + "]");
  }

  private String projected(String text, String name, int channels, int heads) {
    return script.heads(
        script.linear(text, name, architecture.contextWidth(), channels, false), channels, heads);
  }

  private String feedForward(String x, String block, int channels) {
    int hidden = 4 * channels;
    String n = script.layerNorm(x, block + ".norm3", channels, LAYER_NORM_EPSILON);
    String product = script.geglu(n, block + ".ff.net.0.proj", channels, hidden);
    return script.add_(script.linear(product, block + ".ff.net.2", hidden, channels, true), x);
  }

  /** Repeats a tensor for each branch unless it already holds all of them. */
  String expand(Skip skip) {
    return skip.expanded() ? skip.name() : expand(skip.name());
  }

  private String expand(String x) {
    return script.let("(self).expand(" + x + ", branches)");
  }

  private void skip(String name, int channels) {
    skips.add(new Skip(name, channels, expanded));
  }

  /**
   * Writes the method that computes keys and values of every cross-attention seen so far: they
   * depend on the text alone.
   */
  void contextMethod() {
    script.method("context", "states: Tensor, rows: Tensor", "List[Tensor]");
    String text =
        script.let(
            "torch.index_select(%s, 0, %s)"
                .formatted(script.toDevice("states"), script.indices("rows")));
    List<String> results = new ArrayList<>();
    for (int i = 0; i < crossAttentions.size(); i++) {
      for (String part : List.of(".to_k", ".to_v")) {
        results.add(
            projected(text, crossAttentions.get(i) + part, crossWidths.get(i), crossHeads.get(i)));
      }
    }
    script.result("annotate(List[Tensor], " + ScriptWriter.list(results) + ")");
  }
}
