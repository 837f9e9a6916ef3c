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
  public String name(String stored) {
    return RenamedWeights.ofOneDevice(stored);
  }

  @Override
  public Graph graph(Map<String, TensorInfo> stored) {
    PictureGraph layers = new PictureGraph();
    return new Writer(layers, new StoredShapes(stored)).write();
  }

  private record Writer(PictureGraph layers, StoredShapes stored) {
    private static final String ENCODER = "depth_model.encoder_modules.encoder.";
    private static final String DECODER = "depth_model.decoder_modules.";

    Graph write() {
      List<Value> stages = encoder(layers.picture(3));
      int top = outputs(DECODER + "conv.conv1");
      int width = outputs(DECODER + "conv1");
      Value h = fusion(stages.get(3), DECODER + "conv", stage(3), top);
      h = layers.conv(DECODER + "conv1", Convolution.of(top, width, 3)).apply(h);
      h = h.enlarge(true);
      for (int level = 2; level >= 0; level--) {
        String name = DECODER + "ffm" + level;
        Value beside = fusion(stages.get(level), name + ".ftb1", stage(level), width);
        h = fusion(beside.plus(h), name + ".ftb2", width, width);
        h = h.enlarge(true);
      }
      String name = DECODER + "outconv.adapt_conv.";
      Convolution half = Convolution.of(width, width / 2, 3);
      h = layers.convNorm(name + "0", name + "1", half).apply(h, Activation.RELU);
      return layers.giving(
          layers.conv(name + "3", Convolution.of(width / 2, 1, 3)).apply(h).enlarge(true));
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
    private Value fusion(Value x, String name, int in, int out) {
      Value h = layers.conv(name + ".conv1", Convolution.of(in, out, 3)).apply(x, Activation.RELU);
      String branch = name + ".conv_branch.";
      Convolution same = Convolution.of(out, out, 3);
      Value y = layers.convNorm(branch + "1", branch + "2", same).apply(h, Activation.RELU);
      return layers.conv(branch + "4", same).addTo(h, y, Activation.RELU);
    }

    /** The outputs of the four stages, from a fourth to a 32nd of the picture's size. */
    private List<Value> encoder(Value x) {
      int channels = outputs(ENCODER + "conv1");
      Convolution first = Convolution.of(3, channels, 7).stride(2).noBias();
      Value h =
          layers.convNorm(ENCODER + "conv1", ENCODER + "bn1", first).apply(x, Activation.RELU);
      h = h.maxPool(3, 2, 1);
      List<Value> outputs = new ArrayList<>();
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

    private Value bottleneck(Value x, String name, int in, int out, int stride, boolean resized) {
      Convolution reduce = Convolution.of(in, out, 1).noBias();
      Value h = layers.convNorm(name + ".conv1", name + ".bn1", reduce).apply(x, Activation.RELU);
      Convolution grouped = Convolution.of(out, out, 3).stride(stride).groups(GROUPS).noBias();
      h = layers.convNorm(name + ".conv2", name + ".bn2", grouped).apply(h, Activation.RELU);
      String beside = name + ".downsample.";
      Convolution shortcut = Convolution.of(in, out, 1).stride(stride).noBias();
      Value skip = resized ? layers.convNorm(beside + "0", beside + "1", shortcut).apply(x) : x;
      // of x nothing else is needed where it is the skip
      Convolution expand = Convolution.of(out, out, 1).noBias();
      return layers
          .convNorm(name + ".conv3", name + ".bn3", expand)
          .addTo(skip, h, Activation.RELU);
    }
  }
}
