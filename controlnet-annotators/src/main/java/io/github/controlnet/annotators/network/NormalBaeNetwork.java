package io.github.controlnet.annotators.network;

import io.github.controlnet.core.network.ScriptWriter;
import io.github.controlnet.spi.engine.WeightSource.TensorInfo;
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
  public void write(ScriptWriter script, Map<String, TensorInfo> stored) {
    new Writer(new Layers(script)).write();
  }

  private record Writer(Layers layers) {
    private static final String ENCODER = "encoder.original_model.";
    private static final String DECODER = "decoder.";

    void write() {
      List<String> stages = encoder(layers.begin());
      int channels = STAGES[6][3];
      String h = layers.conv(stages.get(6), ENCODER + "conv_head", pointwise(channels, HEAD));
      h = layers.conv(h, DECODER + "conv2", Conv.of(HEAD, HEAD, 1));
      channels = HEAD;
      List<String> maps = new ArrayList<>();
      for (int i = 0; i < SKIPS.length; i++) {
        int[] skip = STAGES[SKIPS[i]];
        Conv conv = Conv.of(channels + skip[3], DECODER_WIDTHS[i], 3);
        h = up(h, DECODER + "up" + (i + 1), stages.get(SKIPS[i]), conv);
        channels = DECODER_WIDTHS[i];
        maps.add(h);
      }
      Conv first = Conv.of(DECODER_WIDTHS[1], VALUES, 3);
      String normals = unit(layers.conv(maps.get(1), DECODER + "out_conv_res8", first));
      for (int i = 1; i < maps.size(); i++) {
        String name = DECODER + "out_conv_res" + (8 >> i);
        normals = refined(maps.get(i), normals, name, DECODER_WIDTHS[i]);
      }
      layers.end(normals);
    }

    private String up(String x, String name, String beside, Conv first) {
      String both = layers.cat(layers.resizeLike(x, beside, true), beside);
      int out = first.out();
      String h = layers.conv(both, name + "._net.0", first);
      h = leaky(layers.batchNorm(h, name + "._net.1", out, DECODER_EPSILON));
      h = layers.conv(h, name + "._net.3", Conv.of(out, out, 3));
      return leaky(layers.batchNorm(h, name + "._net.4", out, DECODER_EPSILON));
    }

    private String leaky(String x) {
      return layers.let("torch.leaky_relu_(%s, 0.01)", x);
    }

    /** A prediction for each pixel at twice the size, from the features and the one before. */
    private String refined(String features, String normals, String name, int width) {
      String h = layers.cat(layers.enlarge(features, true), layers.enlarge(normals, true));
      h = layers.convRelu(h, name + ".0", Conv.of(width + VALUES, HIDDEN, 1));
      h = layers.convRelu(h, name + ".2", Conv.of(HIDDEN, HIDDEN, 1));
      h = layers.convRelu(h, name + ".4", Conv.of(HIDDEN, HIDDEN, 1));
      return unit(layers.conv(h, name + ".6", Conv.of(HIDDEN, VALUES, 1)));
    }

    /** Divides the vector by its length; the concentration becomes positive. */
    private String unit(String x) {
      String vector = layers.let("torch.narrow(%s, 1, 0, 3)", x);
      String squares = layers.let("torch.sum(torch.mul(%s, %1$s), [1], True)", vector);
      String direction =
          layers.let("torch.div(%s, torch.add(torch.sqrt(%s), 1e-10))", vector, squares);
      String concentration = layers.let("torch.add(torch.elu(torch.narrow(%s, 1, 3, 1)), 1.01)", x);
      return layers.cat(direction, concentration);
    }

    /** The outputs of the seven stages, from a half to a 32nd of the picture's size. */
    private List<String> encoder(String x) {
      String h = halved(x, ENCODER + "conv_stem", Conv.of(3, STEM, 3).stride(2).noBias());
      h = swish(norm(h, ENCODER + "bn1", STEM));
      int channels = STEM;
      List<String> outputs = new ArrayList<>();
      for (int stage = 0; stage < STAGES.length; stage++) {
        int[] shape = STAGES[stage];
        for (int i = 0; i < shape[0]; i++) {
          String name = ENCODER + "blocks." + stage + "." + i + ".";
          int stride = i == 0 ? shape[2] : 1;
          String y =
              stage == 0
                  ? separable(h, name, channels, shape[3])
                  : inverted(h, name, channels, shape[3], shape[1], stride);
          h = stride == 1 && channels == shape[3] ? layers.add_(y, h) : y;
          channels = shape[3];
        }
        outputs.add(h);
      }
      return outputs;
    }

    private String separable(String x, String name, int in, int out) {
      Conv each = Conv.of(in, in, 3).groups(in).noBias();
      String h = swish(norm(layers.conv(x, name + "conv_dw", each), name + "bn1", in));
      h = squeezed(h, name + "se.", in, in / 4);
      return norm(layers.conv(h, name + "conv_pw", pointwise(in, out)), name + "bn2", out);
    }

    private String inverted(String x, String name, int in, int out, int side, int stride) {
      int hidden = EXPANSION * in;
      String h = layers.conv(x, name + "conv_pw", pointwise(in, hidden));
      h = swish(norm(h, name + "bn1", hidden));
      Conv each = Conv.of(hidden, hidden, side).stride(stride).groups(hidden).noBias();
      h = swish(norm(halved(h, name + "conv_dw", each), name + "bn2", hidden));
      h = squeezed(h, name + "se.", hidden, in / 4);
      return norm(layers.conv(h, name + "conv_pwl", pointwise(hidden, out)), name + "bn3", out);
    }

    /** Channels weighed by what they are in the mean (J. Hu et al., arXiv 1709.01507). */
    private String squeezed(String x, String name, int channels, int reduced) {
      String mean = layers.let("torch.mean(%s, [2, 3], True)", x);
      String h = swish(layers.conv(mean, name + "conv_reduce", Conv.of(channels, reduced, 1)));
      h = layers.sigmoid(layers.conv(h, name + "conv_expand", Conv.of(reduced, channels, 1)));
      return layers.mul(x, h);
    }

    private static Conv pointwise(int in, int out) {
      return Conv.of(in, out, 1).noBias();
    }

    private String norm(String x, String name, int channels) {
      return layers.batchNorm(x, name, channels, ENCODER_EPSILON);
    }

    private String swish(String x) {
      return layers.script().silu_(x);
    }

    /** TensorFlow's padding: of an even side, one more behind than before. */
    private String halved(String x, String name, Conv conv) {
      if (conv.stride() == 1) {
        return layers.conv(x, name, conv);
      }
      int before = conv.side() / 2 - 1;
      String padded =
          layers.let("torch.constant_pad_nd(%s, [%2$d, %3$d, %2$d, %3$d])", x, before, before + 1);
      return layers.conv(padded, name, conv.padding(0));
    }
  }
}
