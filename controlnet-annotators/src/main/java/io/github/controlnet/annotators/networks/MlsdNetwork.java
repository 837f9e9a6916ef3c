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
  public Graph graph(Map<String, TensorInfo> stored) {
    PictureGraph layers = new PictureGraph();
    return new Writer(layers).write();
  }

  private record Writer(PictureGraph layers) {
    Graph write() {
      Value x = layers.picture(3);
      // a fourth channel of ones went through the same scaling as the levels
      Value ones = x.narrow(1, 0, 1).fullLike(1f / 127.5f - 1f);
      List<Value> stages = backbone(x.cat(1, ones));
      Value h = stages.get(4);
      int channels = STAGES[4][1];
      for (int step = 0; step < 4; step++) {
        int level = 3 - step;
        String name = "block" + (15 + 2 * step);
        Value below = convNormRelu(h, name + ".conv1", Convolution.of(channels, WIDTH, 1));
        Value beside =
            convNormRelu(
                stages.get(level), name + ".conv2", Convolution.of(STAGES[level][1], WIDTH, 1));
        Value both = beside.cat(1, step == 0 ? below : below.enlarge(true));
        name = "block" + (16 + 2 * step);
        Convolution wide = Convolution.of(2 * WIDTH, 2 * WIDTH, 3);
        h = convNormRelu(both, name + ".conv1", wide).plus(both);
        h = convNormRelu(h, name + ".conv2", Convolution.of(2 * WIDTH, WIDTH, 3));
        channels = WIDTH;
      }
      h = convNormRelu(h, "block23.conv1", Convolution.of(WIDTH, WIDTH, 3).dilation(5));
      h = convNormRelu(h, "block23.conv2", Convolution.of(WIDTH, WIDTH, 3));
      h = layers.conv("block23.conv3", Convolution.of(WIDTH, OUTPUTS, 1)).apply(h);
      return layers.giving(h.narrow(1, UNUSED, OUTPUTS - UNUSED));
    }

    private Value convNormRelu(Value x, String name, Convolution conv) {
      return layers.convNorm(name + ".0", name + ".1", conv).apply(x, Activation.RELU);
    }

    /** The outputs of the five stages. */
    private List<Value> backbone(Value x) {
      Value h = convNormRelu6(x, "backbone.features.0", Convolution.of(4, FIRST, 3).stride(2));
      int channels = FIRST;
      int number = 1;
      List<Value> outputs = new ArrayList<>();
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

    private Value inverted(Value x, String name, int in, int out, int expansion, int stride) {
      int hidden = expansion * in;
      int next = 0;
      Value h = x;
      if (expansion > 1) {
        h = convNormRelu6(h, name + ".conv." + next++, Convolution.of(in, hidden, 1));
      }
      Convolution each = Convolution.of(hidden, hidden, 3).groups(hidden).stride(stride);
      h = convNormRelu6(h, name + ".conv." + next++, each);
      Convolution reduce = Convolution.of(hidden, out, 1).noBias();
      String conv = name + ".conv." + next++;
      String norm = name + ".conv." + next;
      return stride == 1 && in == out
          ? layers.convNorm(conv, norm, reduce).addTo(x, h, Activation.NONE)
          : layers.convNorm(conv, norm, reduce).apply(h);
    }

    /** Pads right and below alone before halving, as TensorFlow Lite does. */
    private Value convNormRelu6(Value x, String name, Convolution conv) {
      Value input = x;
      Convolution plain = conv.noBias();
      if (conv.stride() == 2) {
        input = x.pad(List.of(0, 1, 0, 1));
        plain = plain.padding(0);
      }
      return layers.convNorm(name + ".0", name + ".1", plain).apply(input, Activation.RELU6);
    }
  }
}
