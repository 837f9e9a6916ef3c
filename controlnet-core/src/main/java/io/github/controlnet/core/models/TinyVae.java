package io.github.controlnet.core.models;

import io.github.controlnet.core.nn.Activation;
import io.github.controlnet.core.nn.Conv;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Method;
import io.github.controlnet.core.nn.Scope;
import io.github.controlnet.core.nn.Shape;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.TinyAutoencoderSpec;
import java.util.List;
import java.util.Map;

/**
 * The tiny autoencoder (taesd.py of github.com/madebyollin/taesd), each half a network of its own:
 * layers one after another, under the numbers that they have in diffusers' AutoencoderTiny. Its own
 * pixels are 0 to 1; those that go in and come out are -1 to 1.
 */
public final class TinyVae {
  /** Latents beyond about twice this are squeezed to it. */
  private static final double LARGEST_LATENT = 3;

  private final Scope layers;
  private final int width;
  private int number;

  private TinyVae(Graph graph, String half, int width) {
    this.layers = graph.scope().at(half + ".layers");
    this.width = width;
  }

  /** The network whose method, {@link Vae#DECODE}, turns latents into pixels. */
  public static Graph decoder(TinyAutoencoderSpec spec) {
    Graph graph = new Graph();
    decode(graph, spec);
    return graph;
  }

  /** The network whose method, {@link Vae#ENCODE}, turns pixels into latents. */
  public static Graph encoder(TinyAutoencoderSpec spec) {
    Graph graph = new Graph();
    encode(graph, spec);
    return graph;
  }

  /**
   * Lists the tensors of a tiny autoencoder.
   *
   * @param spec its sizes
   * @return names to shapes, in the order in which the network uses them
   */
  public static Map<String, List<Long>> shapes(TinyAutoencoderSpec spec) {
    Graph graph = new Graph();
    if (spec.hasEncoder()) {
      encode(graph, spec);
    }
    decode(graph, spec);
    return graph.shapes();
  }

  private static long[] maps(int channels) {
    return new long[] {Shape.OPEN, channels, Shape.OPEN, Shape.OPEN};
  }

  private static void decode(Graph graph, TinyAutoencoderSpec spec) {
    TinyVae vae = new TinyVae(graph, "decoder", spec.width());
    Method method = graph.method(Vae.DECODE);
    Value latents = method.input("latents", maps(spec.latentChannels())).image();
    Value clamped = latents.over(LARGEST_LATENT).tanh().times(LARGEST_LATENT);
    Value h = vae.next(vae.plain(spec.latentChannels())).apply(clamped, Activation.RELU);
    vae.number++; // the activation
    List<Integer> levels = spec.decoderBlocks();
    for (int i = 0; i < levels.size(); i++) {
      if (i > 0) {
        vae.number++; // the upsampling
        h = h.upsample(h.rows().times(2), h.columns().times(2));
        h = vae.next(vae.plain(vae.width).noBias()).apply(h);
      }
      h = vae.blocks(h, levels.get(i));
    }
    h = vae.next(Convolution.of(vae.width, spec.imageChannels(), 3)).apply(h);
    method.result(h.times(2.0).minus(1.0).export());
  }

  private static void encode(Graph graph, TinyAutoencoderSpec spec) {
    TinyVae vae = new TinyVae(graph, "encoder", spec.width());
    Method method = graph.method(Vae.ENCODE);
    Value pixels = method.input("pixels", maps(spec.imageChannels())).image();
    Value h = vae.next(vae.plain(spec.imageChannels())).apply(pixels.plus(1.0).over(2.0));
    List<Integer> levels = spec.encoderBlocks();
    for (int i = 0; i < levels.size(); i++) {
      if (i > 0) {
        h = vae.next(vae.plain(vae.width).stride(2).noBias()).apply(h);
      }
      h = vae.blocks(h, levels.get(i));
    }
    method.result(vae.next(Convolution.of(vae.width, spec.latentChannels(), 3)).apply(h).export());
  }

  private Convolution plain(int in) {
    return Convolution.of(in, width, 3);
  }

  private Conv next(Convolution sizes) {
    return Conv.of(layers.at(Integer.toString(number++)), sizes);
  }

  /** Three convolutions beside what they see, several times. */
  private Value blocks(Value x, int count) {
    Value h = x;
    for (int i = 0; i < count; i++) {
      Scope block = layers.at(number++ + ".conv");
      Value inner = Conv.of(block.at("0"), plain(width)).apply(h, Activation.RELU);
      inner = Conv.of(block.at("2"), plain(width)).apply(inner, Activation.RELU);
      h = Conv.of(block.at("4"), plain(width)).addTo(h, inner, Activation.RELU);
    }
    return h;
  }
}
