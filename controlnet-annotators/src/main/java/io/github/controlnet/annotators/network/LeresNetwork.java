package io.github.controlnet.annotators.network;

import io.github.controlnet.core.network.ScriptWriter;
import io.github.controlnet.spi.engine.WeightSource.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * LeReS (W. Yin et al., arXiv 2012.09365) of res101.pth: ResNeXt 101 32x8d (arXiv 1611.05431) and
 * four steps up.
 *
 * <p>In: B, G, R, normalised levels, sides multiples of 32. Out: depth up to scale and shift [1, 1,
 * rows, columns].
 */
public final class LeresNetwork implements Architecture {
  private static final int[] BLOCKS = {3, 4, 23, 3};
  private static final int[] OUTPUTS = {256, 512, 1024, 2048};
  private static final int FIRST = 64;
  private static final int GROUPS = 32;
  private static final int TOP = 512;
  private static final int WIDTH = 256;

  @Override
  public void write(ScriptWriter script, Map<String, TensorInfo> stored) {
    new Writer(new Layers(script)).write();
  }

  private record Writer(Layers layers) {
    private static final String ENCODER = "depth_model.encoder_modules.encoder.";
    private static final String DECODER = "depth_model.decoder_modules.";

    void write() {
      List<String> stages = encoder(layers.begin());
      String h = fusion(stages.get(3), DECODER + "conv", OUTPUTS[3], TOP);
      h = layers.conv(h, DECODER + "conv1", Conv.of(TOP, WIDTH, 3));
      h = layers.enlarge(h, true);
      for (int level = 2; level >= 0; level--) {
        String name = DECODER + "ffm" + level;
        String beside = fusion(stages.get(level), name + ".ftb1", OUTPUTS[level], WIDTH);
        h = fusion(layers.add_(beside, h), name + ".ftb2", WIDTH, WIDTH);
        h = layers.enlarge(h, true);
      }
      String name = DECODER + "outconv.adapt_conv.";
      h = layers.conv(h, name + "0", Conv.of(WIDTH, WIDTH / 2, 3));
      h = layers.relu_(layers.batchNorm(h, name + "1", WIDTH / 2));
      layers.end(layers.enlarge(layers.conv(h, name + "3", Conv.of(WIDTH / 2, 1, 3)), true));
    }

    /** A convolution and a residual branch, which shares the activation with its skip. */
    private String fusion(String x, String name, int in, int out) {
      String h = layers.convRelu(x, name + ".conv1", Conv.of(in, out, 3));
      String y = layers.conv(h, name + ".conv_branch.1", Conv.of(out, out, 3));
      y = layers.relu_(layers.batchNorm(y, name + ".conv_branch.2", out));
      y = layers.conv(y, name + ".conv_branch.4", Conv.of(out, out, 3));
      return layers.relu_(layers.add_(y, h));
    }

    /** The outputs of the four stages, from a fourth to a 32nd of the picture's size. */
    private List<String> encoder(String x) {
      Conv first = Conv.of(3, FIRST, 7).stride(2).noBias();
      String h = layers.relu_(normed(x, ENCODER + "conv1", ENCODER + "bn1", first));
      h = layers.maxPool(h, 3, 2, 1);
      int channels = FIRST;
      List<String> outputs = new ArrayList<>();
      for (int stage = 0; stage < BLOCKS.length; stage++) {
        for (int i = 0; i < BLOCKS[stage]; i++) {
          String name = ENCODER + "layer" + (stage + 1) + "." + i;
          int stride = i == 0 && stage > 0 ? 2 : 1;
          h = bottleneck(h, name, channels, OUTPUTS[stage], stride, i == 0);
          channels = OUTPUTS[stage];
        }
        outputs.add(h);
      }
      return outputs;
    }

    private String bottleneck(String x, String name, int in, int out, int stride, boolean resized) {
      int width = out;
      String h = layers.relu_(normed(x, name + ".conv1", name + ".bn1", Conv.of(in, width, 1)));
      Conv grouped = Conv.of(width, width, 3).stride(stride).groups(GROUPS);
      h = layers.relu_(normed(h, name + ".conv2", name + ".bn2", grouped));
      h = normed(h, name + ".conv3", name + ".bn3", Conv.of(width, out, 1));
      Conv shortcut = Conv.of(in, out, 1).stride(stride);
      String skip =
          resized ? normed(x, name + ".downsample.0", name + ".downsample.1", shortcut) : x;
      return layers.relu_(layers.add_(h, skip));
    }

    private String normed(String x, String conv, String norm, Conv shape) {
      return layers.batchNorm(layers.conv(x, conv, shape.noBias()), norm, shape.out());
    }
  }
}
