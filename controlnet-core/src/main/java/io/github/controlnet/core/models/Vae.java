package io.github.controlnet.core.models;

import io.github.controlnet.core.nn.Conv;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.GroupNorm;
import io.github.controlnet.core.nn.Linear;
import io.github.controlnet.core.nn.Method;
import io.github.controlnet.core.nn.Scope;
import io.github.controlnet.core.nn.Shape;
import io.github.controlnet.core.nn.Signature;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.KlAutoencoderSpec;
import java.util.List;
import java.util.Map;

/** The autoencoder, each half a network of its own. */
public final class Vae {
  /** Latents to pixels. */
  public static final Signature DECODE = Signature.of("decode", Signature.tensor("latents"));

  /**
   * Pixels to the moments of latents: means, then logarithms of variances; of a {@link TinyVae} to
   * latents.
   */
  public static final Signature ENCODE = Signature.of("encode", Signature.tensor("pixels"));

  private static final double EPSILON = 1e-6;

  private final Scope scope;
  private final KlAutoencoderSpec spec;
  private final ResidualBlock.Sizes sizes;

  private Vae(Graph graph, KlAutoencoderSpec spec) {
    this.scope = graph.scope();
    this.spec = spec;
    this.sizes = new ResidualBlock.Sizes(spec.groups(), EPSILON, 0);
  }

  /** The network whose method turns latents into pixels. */
  public static Graph decoder(KlAutoencoderSpec spec) {
    Graph graph = new Graph();
    new Vae(graph, spec).decode(graph.method(DECODE));
    return graph;
  }

  /** The network whose method turns pixels into the moments of latents. */
  public static Graph encoder(KlAutoencoderSpec spec) {
    Graph graph = new Graph();
    new Vae(graph, spec).encode(graph.method(ENCODE));
    return graph;
  }

  /**
   * Lists the tensors of an autoencoder.
   *
   * @param spec its sizes
   * @return names to shapes, in the order in which the network uses them
   */
  public static Map<String, List<Long>> shapes(KlAutoencoderSpec spec) {
    Graph graph = new Graph();
    Vae vae = new Vae(graph, spec);
    if (spec.hasEncoder()) {
      vae.encode(graph.method(ENCODE));
    }
    vae.decode(graph.method(DECODE));
    return graph.shapes();
  }

  private static long[] maps(int channels) {
    return new long[] {Shape.OPEN, channels, Shape.OPEN, Shape.OPEN};
  }

  private void decode(Method method) {
    List<Integer> widths = spec.widths();
    int latent = spec.latentChannels();
    int channels = widths.get(widths.size() - 1);
    Scope decoder = scope.at("decoder");
    Value latents = method.input("latents", maps(latent)).image();
    Value h = Conv.of(scope.at("post_quant_conv"), latent, latent, 1).apply(latents);
    h = Conv.of(decoder.at("conv_in"), latent, channels, 3).apply(h);
    h = middle(h, decoder.at("mid_block"), channels);
    for (int i = widths.size() - 1; i >= 0; i--) {
      Scope block = decoder.at("up_blocks." + (widths.size() - 1 - i));
      for (int j = 0; j <= spec.residualBlocks(); j++) {
        h = ResidualBlock.of(block.at("resnets." + j), channels, widths.get(i), sizes).apply(h);
        channels = widths.get(i);
      }
      if (i > 0) {
        h = h.upsample(h.rows().times(2), h.columns().times(2));
        h = Conv.of(block.at("upsamplers.0.conv"), channels, channels, 3).apply(h);
      }
    }
    method.result(last(h, decoder, channels, spec.imageChannels()).export());
  }

  private void encode(Method method) {
    List<Integer> widths = spec.widths();
    int moments = 2 * spec.latentChannels();
    int channels = widths.get(0);
    Scope encoder = scope.at("encoder");
    Value pixels = method.input("pixels", maps(spec.imageChannels())).image();
    Value h = Conv.of(encoder.at("conv_in"), spec.imageChannels(), channels, 3).apply(pixels);
    for (int i = 0; i < widths.size(); i++) {
      Scope block = encoder.at("down_blocks." + i);
      for (int j = 0; j < spec.residualBlocks(); j++) {
        h = ResidualBlock.of(block.at("resnets." + j), channels, widths.get(i), sizes).apply(h);
        channels = widths.get(i);
      }
      if (i + 1 < widths.size()) {
        Convolution halving = Convolution.of(channels, channels, 3).stride(2).padding(0);
        // one column right and one row below, none left and above
        h = Conv.of(block.at("downsamplers.0.conv"), halving).apply(h.pad(List.of(0, 1, 0, 1)));
      }
    }
    h = middle(h, encoder.at("mid_block"), channels);
    h = last(h, encoder, channels, moments);
    method.result(Conv.of(scope.at("quant_conv"), moments, moments, 1).apply(h).export());
  }

  private Value last(Value x, Scope half, int channels, int out) {
    GroupNorm norm = GroupNorm.of(half.at("conv_norm_out"), channels, spec.groups(), EPSILON);
    return Conv.of(half.at("conv_out"), channels, out, 3).apply(norm.apply(x).silu());
  }

  private Value middle(Value x, Scope block, int channels) {
    Value h = ResidualBlock.of(block.at("resnets.0"), channels, channels, sizes).apply(x);
    h = attention(h, block.at("attentions.0"), channels);
    return ResidualBlock.of(block.at("resnets.1"), channels, channels, sizes).apply(h);
  }

  private Value attention(Value x, Scope name, int channels) {
    GroupNorm norm = GroupNorm.of(name.at("group_norm"), channels, spec.groups(), EPSILON);
    Value n = norm.apply(x).toSequence(channels);
    Value query = Linear.of(name.at("to_q"), channels, channels).apply(n);
    Value key = Linear.of(name.at("to_k"), channels, channels).apply(n);
    Value value = Linear.of(name.at("to_v"), channels, channels).apply(n);
    Value a =
        query.heads(channels, 1).attend(key.heads(channels, 1), value.heads(channels, 1), channels);
    a = Linear.of(name.at("to_out.0"), channels, channels).apply(a);
    return a.toImage(x, channels).plus(x);
  }
}
