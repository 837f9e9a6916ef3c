package io.github.controlnet.annotators.network;

import io.github.controlnet.core.network.Activation;
import io.github.controlnet.core.network.Convolution;
import io.github.controlnet.spi.engine.WeightSource.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * LeReS (W. Yin et al., arXiv 2012.09365) of res101.pth: ResNeXt 101 32x8d (arXiv 1611.05431) and
 * four steps up. The widths are read from the weights.
 *
 * <p>In: B, G, R, normalised levels, sides multiples of 32. Out: depth up to scale and shift [1, 1,
 * rows, columns].
 */
public final class LeresNetwork implements Architecture {
  private static final int[] BLOCKS = {3, 4, 23, 3};
  private static final int GROUPS = 32;

  @Override
  public void write(Layers layers, Map<String, TensorInfo> stored) {
    new Writer(layers, new StoredShapes(stored)).write();
  }

  private record Writer(Layers layers, StoredShapes stored) {
    private static final String ENCODER = "depth_model.encoder_modules.encoder.";
    private static final String DECODER = "depth_model.decoder_modules.";

    void write() {
      List<String> stages = encoder(layers.begin());
      int top = outputs(DECODER + "conv.conv1");
      int width = outputs(DECODER + "conv1");
      String h = fusion(stages.get(3), DECODER + "conv", stage(3), top);
      h = layers.conv(h, DECODER + "conv1", Convolution.of(top, width, 3));
      h = layers.enlarge(h, true);
      for (int level = 2; level >= 0; level--) {
        String name = DECODER + "ffm" + level;
        String beside = fusion(stages.get(level), name + ".ftb1", stage(level), width);
        h = fusion(layers.add_(beside, h), name + ".ftb2", width, width);
        h = layers.enlarge(h, true);
      }
      String name = DECODER + "outconv.adapt_conv.";
      Convolution half = Convolution.of(width, width / 2, 3);
      h = layers.convNorm(h, name + "0", name + "1", half, Activation.RELU);
      layers.end(layers.enlarge(layers.conv(h, name + "3", Convolution.of(width / 2, 1, 3)), true));
    }

    /** The channels that a convolution gives. */
    private int outputs(String conv) {
      return stored.side(conv + ".weight", 0);
    }

    /** The channels that a stage of the encoder gives. */
    private int stage(int number) {
      return outputs(ENCODER + "layer" + (number + 1) + ".0.conv1");
    }

    /** A convolution and a residual branch, which shares the activation with its skip. */
    private String fusion(String x, String name, int in, int out) {
      String h = layers.convRelu(x, name + ".conv1", Convolution.of(in, out, 3));
      String branch = name + ".conv_branch.";
      Convolution same = Convolution.of(out, out, 3);
      String y = layers.convNorm(h, branch + "1", branch + "2", same, Activation.RELU);
      return layers.script().addConv_(h, y, branch + "4", same, Activation.RELU);
    }

    /** The outputs of the four stages, from a fourth to a 32nd of the picture's size. */
    private List<String> encoder(String x) {
      int channels = outputs(ENCODER + "conv1");
      Convolution first = Convolution.of(3, channels, 7).stride(2).noBias();
      String h = layers.convNorm(x, ENCODER + "conv1", ENCODER + "bn1", first, Activation.RELU);
      h = layers.maxPool(h, 3, 2, 1);
      List<String> outputs = new ArrayList<>();
      for (int stage = 0; stage < BLOCKS.length; stage++) {
        for (int i = 0; i < BLOCKS[stage]; i++) {
          String name = ENCODER + "layer" + (stage + 1) + "." + i;
          int stride = i == 0 && stage > 0 ? 2 : 1;
          h = bottleneck(h, name, channels, stage(stage), stride, i == 0);
          channels = stage(stage);
        }
        outputs.add(h);
      }
      return outputs;
    }

    private String bottleneck(String x, String name, int in, int out, int stride, boolean resized) {
      Convolution reduce = Convolution.of(in, out, 1).noBias();
      String h = layers.convNorm(x, name + ".conv1", name + ".bn1", reduce, Activation.RELU);
      Convolution grouped = Convolution.of(out, out, 3).stride(stride).groups(GROUPS).noBias();
      h = layers.convNorm(h, name + ".conv2", name + ".bn2", grouped, Activation.RELU);
      String beside = name + ".downsample.";
      Convolution shortcut = Convolution.of(in, out, 1).stride(stride).noBias();
      String skip =
          resized ? layers.convNorm(x, beside + "0", beside + "1", shortcut, Activation.NONE) : x;
      // of x nothing else is needed where it is the skip
      Convolution expand = Convolution.of(out, out, 1).noBias();
      return layers.addConvNorm_(
          skip, h, name + ".conv3", name + ".bn3", expand, Layers.BATCH_EPSILON, Activation.RELU);
    }
  }
}
