package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.util.Map;

/**
 * TEED, the tiny and efficient edge detector (X. Soria et al., arXiv 2308.06468), of 5_model.pth,
 * 7_model.pth and MTEED.pth: three blocks, each with one channel of edges, and their fusion.
 *
 * <p>In: levels 0 to 255, R, G, B, sides multiples of 4. Out: four maps of logits [1, 1, rows,
 * columns], the fusion last.
 */
public final class TeedNetwork implements Architecture {
  private static final int[] WIDTHS = {16, 32, 48};

  /** Channels between the two enlargements of the third block's edges. */
  private static final int ENLARGED = 16;

  private static final int FUSION = 24;

  @Override
  public Graph graph(Map<String, TensorInfo> stored) {
    PictureGraph layers = new PictureGraph();
    return new Writer(layers).write();
  }

  private record Writer(PictureGraph layers) {
    Graph write() {
      Value x = layers.picture(3);
      Value first = block(x, "block_1", Convolution.of(3, WIDTHS[0], 3).stride(2));
      first = smish(first);
      Value second = block(first, "block_2", Convolution.of(WIDTHS[0], WIDTHS[1], 3));
      Value down = second.maxPool(3, 2, 1);
      Value beside =
          layers
              .conv("side_1.conv", Convolution.of(WIDTHS[0], WIDTHS[1], 1).stride(2))
              .apply(first);
      Value skip =
          layers.conv("pre_dense_3.conv", Convolution.of(WIDTHS[1], WIDTHS[2], 1)).apply(down);
      Value third = dense(down.plus(beside), skip);
      Value one = enlarged(first, "up_block_1", 0, WIDTHS[0], 1, 1);
      Value two = enlarged(second, "up_block_2", 0, WIDTHS[1], 1, 1);
      Value three = enlarged(third, "up_block_3", 0, WIDTHS[2], ENLARGED, 2);
      three = enlarged(three, "up_block_3", 3, ENLARGED, 1, 2);
      return layers.giving(one, two, three, fusion(one.cat(1, two, three)));
    }

    /**
     * x tanh(log(1 + sigmoid(x))), as X. Wang et al. define it (Electronics 11(4), 540, 2022). With
     * u = 1 + sigmoid(x) that is x - 2 x / (u u + 1), which takes half the time.
     */
    private Value smish(Value x) {
      Value u = x.sigmoid().plus(1);
      return x.plusQuotient(x, u.times(u).plus(1), -2);
    }

    private Value block(Value x, String name, Convolution first) {
      Value h = smish(layers.conv(name + ".conv1", first).apply(x));
      return layers.conv(name + ".conv2", Convolution.of(first.out(), first.out(), 3)).apply(h);
    }

    /** Grows the picture by two pixels and shrinks it again. */
    private Value dense(Value x, Value skip) {
      String name = "dblock_3.denselayer1.";
      Value h =
          layers
              .conv(name + "conv1", Convolution.of(WIDTHS[1], WIDTHS[2], 3).padding(2))
              .apply(smish(x));
      h =
          layers
              .conv(name + "conv2", Convolution.of(WIDTHS[2], WIDTHS[2], 3).padding(0))
              .apply(smish(h));
      return h.plus(skip).times(0.5);
    }

    /** To twice the size. */
    private Value enlarged(Value x, String name, int number, int in, int out, int steps) {
      String features = name + ".features.";
      Value h = smish(layers.conv(features + number, Convolution.of(in, out, 1)).apply(x));
      Convolution up = Convolution.of(out, out, 2 * steps).stride(2).padding(steps - 1);
      return layers.convTranspose(features + (number + 2), up, 0).apply(h);
    }

    private Value fusion(Value edges) {
      Convolution first = Convolution.of(3, FUSION, 3).groups(3);
      Value h = layers.conv("block_cat.DWconv1", first).apply(smish(edges));
      Convolution second = Convolution.of(FUSION, FUSION, 3).groups(FUSION);
      Value sum = layers.conv("block_cat.DWconv2", second).apply(smish(h)).plus(h);
      return smish(sum.sum(1));
    }
  }
}
