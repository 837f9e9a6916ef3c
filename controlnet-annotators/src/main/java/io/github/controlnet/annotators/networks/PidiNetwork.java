package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Activation;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Derivation;
import io.github.controlnet.core.nn.Derivation.Part;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Pixel difference networks (Z. Su et al., arXiv 2108.07009), the model of table5_pidinet.pth: 60
 * channels, configuration "carv4", compact dilation convolutions and spatial attention.
 *
 * <p>A difference convolution convolves differences of pixels; it is an ordinary convolution whose
 * kernel is a fixed linear combination of the stored one.
 *
 * <p>In: B, G, R, each 0 to 1. Out: edges [1, 1, rows, columns], 0 to 1.
 */
public final class PidiNetwork implements Architecture {
  private static final int WIDTH = 60;
  private static final int DILATED = 24;
  private static final int ATTENTION = 4;
  private static final int[] STAGES = {3, 4, 4, 4};
  private static final int[] STAGE_WIDTHS = {WIDTH, 2 * WIDTH, 4 * WIDTH, 4 * WIDTH};

  private static final List<Kind> KINDS =
      List.of(Kind.CENTRAL, Kind.ANGULAR, Kind.RADIAL, Kind.PLAIN);

  /** Kinds of convolutions, which the layers take in turns. */
  private enum Kind {
    CENTRAL(3, central()),
    ANGULAR(3, angular()),
    RADIAL(5, radial()),
    PLAIN(3, identity());

    final int side;

    /** From the nine stored values of a kernel, one a row, to all of it. */
    @SuppressWarnings("ImmutableEnumChecker") // nobody writes to it
    private final int[][] combination;

    Kind(int side, int[][] combination) {
      this.side = side;
      this.combination = combination;
    }

    /** Each pixel minus the middle one. */
    private static int[][] central() {
      int[][] matrix = identity();
      for (int[] row : matrix) {
        row[4]--;
      }
      return matrix;
    }

    /** Each pixel minus the next one clockwise. */
    private static int[][] angular() {
      int[] next = {3, 0, 1, 6, 4, 2, 7, 8, 5};
      int[][] matrix = identity();
      for (int i = 0; i < next.length; i++) {
        matrix[next[i]][i]--;
      }
      return matrix;
    }

    /** Each pixel of the outer ring of 5 x 5 minus the one inside it. */
    private static int[][] radial() {
      int[] outer = {0, 2, 4, 10, 14, 20, 22, 24};
      int[] inner = {6, 7, 8, 11, 13, 16, 17, 18};
      int[][] matrix = new int[9][25];
      for (int i = 0; i < outer.length; i++) {
        matrix[i + 1][outer[i]] = 1;
        matrix[i + 1][inner[i]] = -1;
      }
      return matrix;
    }

    private static int[][] identity() {
      int[][] matrix = new int[9][9];
      for (int i = 0; i < 9; i++) {
        matrix[i][i] = 1;
      }
      return matrix;
    }
  }

  @Override
  public String name(String stored) {
    return RenamedWeights.ofOneDevice(stored);
  }

  @Override
  public Graph graph(Map<String, TensorInfo> stored) {
    PictureGraph layers = new PictureGraph();
    return new Writer(layers).write();
  }

  private static final class Writer {
    private final PictureGraph layers;
    private int layer;

    Writer(PictureGraph layers) {
      this.layers = layers;
    }

    Graph write() {
      Value x = layers.picture(3);
      Value h = difference(x, "init_block", Convolution.of(3, WIDTH, 3), Activation.NONE);
      int channels = WIDTH;
      List<Value> edges = new ArrayList<>();
      for (int stage = 0; stage < STAGES.length; stage++) {
        for (int i = 1; i <= STAGES[stage]; i++) {
          h = block(h, "block%d_%d".formatted(stage + 1, i), channels, STAGE_WIDTHS[stage], i);
          channels = STAGE_WIDTHS[stage];
        }
        edges.add(side(h, stage, channels).resizeLike(x, false));
      }
      Value all = edges.get(0).cat(1, edges.subList(1, edges.size()));
      return layers.giving(
          layers.conv("classifier", Convolution.of(STAGES.length, 1, 1)).apply(all).sigmoid());
    }

    private Value difference(Value x, String name, Convolution conv, Activation activation) {
      Kind kind = KINDS.get(layer++ % KINDS.size());
      Convolution sized =
          new Convolution(
              conv.in(), conv.out(), kind.side, 1, kind.side / 2, 1, conv.groups(), false);
      return layers.conv(name, sized, combined(name, kind, sized)).apply(x, activation);
    }

    private static Derivation combined(String name, Kind kind, Convolution conv) {
      long out = conv.out();
      long in = conv.in() / conv.groups();
      return new Derivation(
          List.of(Part.of(name + ".weight", out, in, 3L, 3L)),
          parts -> {
            float[] stored = parts.get(0);
            int area = kind.side * kind.side;
            float[] values = new float[stored.length / 9 * area];
            for (int i = 0; i < values.length; i++) {
              float sum = 0;
              for (int j = 0; j < 9; j++) {
                sum += stored[i / area * 9 + j] * kind.combination[j][i % area];
              }
              values[i] = sum;
            }
            return values;
          });
    }

    private Value block(Value x, String name, int in, int out, int place) {
      boolean smaller = in != out || (place == 1 && name.startsWith("block4"));
      Value input = smaller ? x.maxPool(2, 2, 0) : x;
      Value h =
          difference(input, name + ".conv1", Convolution.of(in, in, 3).groups(in), Activation.RELU);
      Convolution pointwise = Convolution.of(in, out, 1);
      Value sum = smaller ? layers.conv(name + ".shortcut", pointwise).apply(input) : input;
      return layers.conv(name + ".conv2", pointwise.noBias()).addTo(sum, h, Activation.NONE);
    }

    /** One map of edges of a stage. */
    private Value side(Value x, int stage, int channels) {
      String name = "dilations." + stage;
      Value reduced =
          layers.conv(name + ".conv1", Convolution.of(channels, DILATED, 1)).apply(x.relu());
      Value sum = dilated(reduced, name, 1);
      for (int i = 2; i <= 4; i++) {
        sum = sum.plus(dilated(reduced, name, i));
      }
      String attention = "attentions." + stage;
      Value y =
          layers
              .conv(attention + ".conv1", Convolution.of(DILATED, ATTENTION, 1))
              .apply(sum.relu());
      y =
          layers
              .conv(attention + ".conv2", Convolution.of(ATTENTION, 1, 3).noBias())
              .apply(y)
              .sigmoid();
      return layers
          .conv("conv_reduces.%d.conv".formatted(stage), Convolution.of(DILATED, 1, 1))
          .apply(sum.times(y));
    }

    private Value dilated(Value x, String name, int number) {
      Convolution conv = Convolution.of(DILATED, DILATED, 3).dilation(3 + 2 * number).noBias();
      return layers.conv(name + ".conv2_" + number, conv).apply(x);
    }
  }
}
