package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Lines of manga without their screentones (C. Li, X. Liu and T.-T. Wong, "Deep extraction of manga
 * structural lines", 2017), as erika.pth: a U-Net of residual blocks, the norm and the activation
 * before each convolution.
 *
 * <p>In: grey levels 0 to 255, the first channel; sides multiples of 16. Out: paper [1, 1, rows,
 * columns], 255 white, 0 a line, and values beyond.
 */
public final class MangaLineNetwork implements Architecture {
  private static final double EPSILON = 1e-3;
  private static final int[] WIDTHS = {24, 48, 96, 192, 384};
  private static final int[] DOWN = {2, 3, 5, 7, 12};
  private static final int[] UP = {7, 5, 3, 2};
  private static final int LAST = 16;

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
    Graph write() {
      Value h = layers.picture(3).narrow(1, 0, 1);
      int channels = 1;
      List<Value> levels = new ArrayList<>();
      for (int i = 0; i < DOWN.length; i++) {
        h = blocks(h, "block" + i, channels, WIDTHS[i], DOWN[i], i > 0);
        channels = WIDTHS[i];
        levels.add(h);
      }
      for (int i = 0; i < UP.length; i++) {
        int level = UP.length - 1 - i;
        String name = "block" + (DOWN.length + i);
        h = enlarged(h, name + ".model.0", channels, WIDTHS[level]);
        channels = WIDTHS[level];
        for (int block = 1; block < UP[i]; block++) {
          h = block(h, name + ".model." + block, channels, channels, 1);
        }
        h = levels.get(level).plus(h);
      }
      h = blocks(h, "block9", channels, LAST, 2, false);
      return layers.giving(normReluConv(h, "conv15", Convolution.of(LAST, 1, 1)));
    }

    private Value blocks(Value x, String name, int in, int out, int count, boolean halving) {
      Value h = x;
      for (int i = 0; i < count; i++) {
        int stride = halving && i == count - 1 ? 2 : 1;
        h = block(h, name + ".model." + i, i == 0 ? in : out, out, stride);
      }
      return h;
    }

    private Value block(Value x, String name, int in, int out, int stride) {
      Value h = normReluConv(x, name + ".conv1", Convolution.of(in, out, 3).stride(stride));
      h = normReluConv(h, name + ".residual", Convolution.of(out, out, 3));
      Convolution shortcut = Convolution.of(in, out, 1).stride(stride);
      boolean resized = in != out || stride != 1;
      return h.plus(resized ? layers.conv(name + ".shortcut.model.0", shortcut).apply(x) : x);
    }

    private Value enlarged(Value x, String name, int in, int out) {
      Value h = twice(normReluConv(x, name + ".conv1", Convolution.of(in, out, 3)));
      h = normReluConv(h, name + ".residual", Convolution.of(out, out, 3));
      return h.plus(
          twice(layers.conv(name + ".shortcut.model.0", Convolution.of(in, out, 1)).apply(x)));
    }

    private Value twice(Value x) {
      Value rows = x.rows().times(2);
      return x.upsample(rows, x.columns().times(2));
    }

    private Value normReluConv(Value x, String name, Convolution conv) {
      Value h = layers.batchNorm(name + ".model.0", conv.in(), EPSILON).apply(x);
      h = h.leakyRelu(0.2);
      return layers.conv(name + ".model.2", conv).apply(h);
    }
  }
}
