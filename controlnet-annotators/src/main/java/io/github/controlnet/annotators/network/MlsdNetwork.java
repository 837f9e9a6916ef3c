package io.github.controlnet.annotators.network;

import static io.github.controlnet.core.network.ScriptWriter.number;

import io.github.controlnet.core.network.Activation;
import io.github.controlnet.core.network.Convolution;
import io.github.controlnet.spi.engine.WeightSource.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * M-LSD, the large model (G. Gu et al., arXiv 2106.00186), of mlsd_large_512_fp32.pth: MobileNet V2
 * and four steps up.
 *
 * <p>In: R, G, B, each -1 to 1, sides multiples of 32. Out: [1, 9, rows / 2, columns / 2], of which
 * channel 0 is the logit of a line's middle and channels 1 to 4 are x and y of its start and its
 * end from there.
 */
public final class MlsdNetwork implements Architecture {
  /** Expansion, channels, blocks, stride. */
  private static final int[][] STAGES = {
    {1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}
  };

  private static final int FIRST = 32;
  private static final int WIDTH = 64;
  private static final int OUTPUTS = 16;
  private static final int UNUSED = 7;

  @Override
  public void write(Layers layers, Map<String, TensorInfo> stored) {
    new Writer(layers).write();
  }

  private record Writer(Layers layers) {
    void write() {
      String x = layers.begin();
      // a fourth channel of ones went through the same scaling as the levels
      String ones =
          layers.let("torch.full_like(torch.narrow(%s, 1, 0, 1), %s)", x, number(1f / 127.5f - 1f));
      List<String> stages = backbone(layers.cat(x, ones));
      String h = stages.get(4);
      int channels = STAGES[4][1];
      for (int step = 0; step < 4; step++) {
        int level = 3 - step;
        String name = "block" + (15 + 2 * step);
        String below = convNormRelu(h, name + ".conv1", Convolution.of(channels, WIDTH, 1));
        String beside =
            convNormRelu(
                stages.get(level), name + ".conv2", Convolution.of(STAGES[level][1], WIDTH, 1));
        String both = layers.cat(beside, step == 0 ? below : layers.enlarge(below, true));
        name = "block" + (16 + 2 * step);
        Convolution wide = Convolution.of(2 * WIDTH, 2 * WIDTH, 3);
        h = layers.add_(convNormRelu(both, name + ".conv1", wide), both);
        h = convNormRelu(h, name + ".conv2", Convolution.of(2 * WIDTH, WIDTH, 3));
        channels = WIDTH;
      }
      h = convNormRelu(h, "block23.conv1", Convolution.of(WIDTH, WIDTH, 3).dilation(5));
      h = convNormRelu(h, "block23.conv2", Convolution.of(WIDTH, WIDTH, 3));
      h = layers.conv(h, "block23.conv3", Convolution.of(WIDTH, OUTPUTS, 1));
      layers.end(layers.let("torch.narrow(%s, 1, %d, %d)", h, UNUSED, OUTPUTS - UNUSED));
    }

    private String convNormRelu(String x, String name, Convolution conv) {
      return layers.convNorm(x, name + ".0", name + ".1", conv, Activation.RELU);
    }

    /** The outputs of the five stages. */
    private List<String> backbone(String x) {
      String h = convNormRelu6(x, "backbone.features.0", Convolution.of(4, FIRST, 3).stride(2));
      int channels = FIRST;
      int number = 1;
      List<String> outputs = new ArrayList<>();
      for (int[] stage : STAGES) {
        for (int i = 0; i < stage[2]; i++) {
          int stride = i == 0 ? stage[3] : 1;
          h = inverted(h, "backbone.features." + number++, channels, stage[1], stage[0], stride);
          channels = stage[1];
        }
        outputs.add(h);
      }
      return outputs;
    }

    private String inverted(String x, String name, int in, int out, int expansion, int stride) {
      int hidden = expansion * in;
      int next = 0;
      String h = x;
      if (expansion > 1) {
        h = convNormRelu6(h, name + ".conv." + next++, Convolution.of(in, hidden, 1));
      }
      Convolution each = Convolution.of(hidden, hidden, 3).groups(hidden).stride(stride);
      h = convNormRelu6(h, name + ".conv." + next++, each);
      Convolution reduce = Convolution.of(hidden, out, 1).noBias();
      String conv = name + ".conv." + next++;
      String norm = name + ".conv." + next;
      return stride == 1 && in == out
          ? layers.addConvNorm_(x, h, conv, norm, reduce, Layers.BATCH_EPSILON, Activation.NONE)
          : layers.convNorm(h, conv, norm, reduce, Activation.NONE);
    }

    /** Pads right and below alone before halving, as TensorFlow Lite does. */
    private String convNormRelu6(String x, String name, Convolution conv) {
      String input = x;
      Convolution plain = conv.noBias();
      if (conv.stride() == 2) {
        input = layers.let("torch.constant_pad_nd(%s, [0, 1, 0, 1])", x);
        plain = plain.padding(0);
      }
      return layers.convNorm(input, name + ".0", name + ".1", plain, Activation.RELU6);
    }
  }
}
