package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Activation;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Surface normals with their uncertainty (G. Bae, I. Budvytis and R. Cipolla, arXiv 2109.09881) of
 * scannet.pt: EfficientNet-B5 as trained in TensorFlow (M. Tan and Q. Le, arXiv 1905.11946), four
 * steps up with batch norm, and a prediction at an eighth of the size that is refined three times.
 *
 * <p>In: R, G, B, normalised levels, sides multiples of 32. Out: x, y, z of a unit vector and its
 * concentration [1, 4, rows, columns].
 */
public final class NormalBaeNetwork implements Architecture {
  /** TensorFlow's. */
  private static final double ENCODER_EPSILON = 1e-3;

  private static final double DECODER_EPSILON = 1e-5;
  private static final Activation LEAKY = Activation.leakyRelu(0.01);
  private static final int STEM = 48;
  private static final int HEAD = 2048;
  private static final int EXPANSION = 6;
  private static final int HIDDEN = 128;
  private static final int VALUES = 4;

  /** Blocks, side of the kernel, stride, channels. */
  private static final int[][] STAGES = {
    {3, 3, 1, 24},
    {5, 3, 2, 40},
    {5, 5, 2, 64},
    {7, 3, 2, 128},
    {7, 5, 1, 176},
    {9, 5, 2, 304},
    {3, 3, 1, 512}
  };

  /** The stages whose outputs the decoder takes, the smallest first. */
  private static final int[] SKIPS = {4, 2, 1, 0};

  private static final int[] DECODER_WIDTHS = {1024, 512, 256, 128};

  @Override
  public String name(String stored) {
    return RenamedWeights.ofOneDevice(stored);
  }

  @Override
  public Graph graph(Map<String, TensorInfo> stored) {
    PictureGraph layers = new PictureGraph();
    return new Writer(layers).write();
  }

  private record Writer(PictureGraph layers) {
    private static final String ENCODER = "encoder.original_model.";
    private static final String DECODER = "decoder.";

    Graph write() {
      List<Value> stages = encoder(layers.picture(3));
      int channels = STAGES[6][3];
      Value h = layers.conv(ENCODER + "conv_head", pointwise(channels, HEAD)).apply(stages.get(6));
      h = layers.conv(DECODER + "conv2", Convolution.of(HEAD, HEAD, 1)).apply(h);
      channels = HEAD;
      List<Value> maps = new ArrayList<>();
      for (int i = 0; i < SKIPS.length; i++) {
        int[] skip = STAGES[SKIPS[i]];
        Convolution conv = Convolution.of(channels + skip[3], DECODER_WIDTHS[i], 3);
        h = up(h, DECODER + "up" + (i + 1), stages.get(SKIPS[i]), conv);
        channels = DECODER_WIDTHS[i];
        maps.add(h);
      }
      Convolution first = Convolution.of(DECODER_WIDTHS[1], VALUES, 3);
      Value normals = unit(layers.conv(DECODER + "out_conv_res8", first).apply(maps.get(1)));
      for (int i = 1; i < maps.size(); i++) {
        String name = DECODER + "out_conv_res" + (8 >> i);
        normals = refined(maps.get(i), normals, name, DECODER_WIDTHS[i]);
      }
      return layers.giving(normals);
    }

    private Value up(Value x, String name, Value beside, Convolution first) {
      Value both = x.resizeLike(beside, true).cat(1, beside);
      int out = first.out();
      String net = name + "._net.";
      Value h = layers.convNorm(net + "0", net + "1", first, DECODER_EPSILON).apply(both, LEAKY);
      Convolution second = Convolution.of(out, out, 3);
      return layers.convNorm(net + "3", net + "4", second, DECODER_EPSILON).apply(h, LEAKY);
    }

    /** A prediction for each pixel at twice the size, from the features and the one before. */
    private Value refined(Value features, Value normals, String name, int width) {
      Value h = features.enlarge(true).cat(1, normals.enlarge(true));
      h =
          layers
              .conv(name + ".0", Convolution.of(width + VALUES, HIDDEN, 1))
              .apply(h, Activation.RELU);
      h = layers.conv(name + ".2", Convolution.of(HIDDEN, HIDDEN, 1)).apply(h, Activation.RELU);
      h = layers.conv(name + ".4", Convolution.of(HIDDEN, HIDDEN, 1)).apply(h, Activation.RELU);
      return unit(layers.conv(name + ".6", Convolution.of(HIDDEN, VALUES, 1)).apply(h));
    }

    /** Divides the vector by its length; the concentration becomes positive. */
    private Value unit(Value x) {
      Value vector = x.narrow(1, 0, 3);
      Value squares = vector.times(vector).sum(1);
      Value direction = vector.over(squares.sqrt().plus(1e-10));
      Value concentration = x.narrow(1, 3, 1).elu().plus(1.01);
      return direction.cat(1, concentration);
    }

    /** The outputs of the seven stages, from a half to a 32nd of the picture's size. */
    private List<Value> encoder(Value x) {
      Convolution stem = Convolution.of(3, STEM, 3).stride(2).noBias();
      Value h = halved(x, ENCODER + "conv_stem", ENCODER + "bn1", stem);
      int channels = STEM;
      List<Value> outputs = new ArrayList<>();
      for (int stage = 0; stage < STAGES.length; stage++) {
        int[] shape = STAGES[stage];
        for (int i = 0; i < shape[0]; i++) {
          String name = ENCODER + "blocks." + stage + "." + i + ".";
          int stride = i == 0 ? shape[2] : 1;
          Value y =
              stage == 0
                  ? separable(h, name, channels, shape[3])
                  : inverted(h, name, channels, shape[3], shape[1], stride);
          h = stride == 1 && channels == shape[3] ? y.plus(h) : y;
          channels = shape[3];
        }
        outputs.add(h);
      }
      return outputs;
    }

    private Value separable(Value x, String name, int in, int out) {
      Convolution each = Convolution.of(in, in, 3).groups(in).noBias();
      Value h = normed(x, name + "conv_dw", name + "bn1", each, Activation.SILU);
      h = squeezed(h, name + "se.", in, in / 4);
      return normed(h, name + "conv_pw", name + "bn2", pointwise(in, out), Activation.NONE);
    }

    private Value inverted(Value x, String name, int in, int out, int side, int stride) {
      int hidden = EXPANSION * in;
      Convolution expand = pointwise(in, hidden);
      Value h = normed(x, name + "conv_pw", name + "bn1", expand, Activation.SILU);
      Convolution each =
          Convolution.of(hidden, hidden, side).stride(stride).groups(hidden).noBias();
      h = halved(h, name + "conv_dw", name + "bn2", each);
      h = squeezed(h, name + "se.", hidden, in / 4);
      return normed(h, name + "conv_pwl", name + "bn3", pointwise(hidden, out), Activation.NONE);
    }

    /** Channels weighed by what they are in the mean (J. Hu et al., arXiv 1709.01507). */
    private Value squeezed(Value x, String name, int channels, int reduced) {
      Value mean = x.mean(2, 3);
      Convolution fewer = Convolution.of(channels, reduced, 1);
      Value h = layers.conv(name + "conv_reduce", fewer).apply(mean, Activation.SILU);
      h =
          layers
              .conv(name + "conv_expand", Convolution.of(reduced, channels, 1))
              .apply(h)
              .sigmoid();
      return x.times(h);
    }

    private static Convolution pointwise(int in, int out) {
      return Convolution.of(in, out, 1).noBias();
    }

    private Value normed(
        Value x, String name, String norm, Convolution conv, Activation activation) {
      return layers.convNorm(name, norm, conv, ENCODER_EPSILON).apply(x, activation);
    }

    /** With SiLU, and TensorFlow's padding: of an even side, one more behind than before. */
    private Value halved(Value x, String name, String norm, Convolution conv) {
      if (conv.stride() == 1) {
        return normed(x, name, norm, conv, Activation.SILU);
      }
      int before = conv.side() / 2 - 1;
      Value padded = x.pad(List.of(before, before + 1, before, before + 1));
      return normed(padded, name, norm, conv.padding(0), Activation.SILU);
    }
  }
}
