package io.github.controlnet.annotators.network;

import io.github.controlnet.core.network.Convolution;
import io.github.controlnet.spi.engine.WeightSource.TensorInfo;
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
  public void write(Layers layers, Map<String, TensorInfo> stored) {
    new Writer(layers).write();
  }

  private record Writer(Layers layers) {
    void write() {
      String x = layers.begin();
      String first = block(x, "block_1", Convolution.of(3, WIDTHS[0], 3).stride(2));
      first = smish(first);
      String second = block(first, "block_2", Convolution.of(WIDTHS[0], WIDTHS[1], 3));
      String down = layers.maxPool(second, 3, 2, 1);
      String beside =
          layers.conv(first, "side_1.conv", Convolution.of(WIDTHS[0], WIDTHS[1], 1).stride(2));
      String skip = layers.conv(down, "pre_dense_3.conv", Convolution.of(WIDTHS[1], WIDTHS[2], 1));
      String third = dense(layers.add(down, beside), skip);
      String one = enlarged(first, "up_block_1", 0, WIDTHS[0], 1, 1);
      String two = enlarged(second, "up_block_2", 0, WIDTHS[1], 1, 1);
      String three = enlarged(third, "up_block_3", 0, WIDTHS[2], ENLARGED, 2);
      three = enlarged(three, "up_block_3", 3, ENLARGED, 1, 2);
      layers.end(one, two, three, fusion(layers.cat(one, two, three)));
    }

    /**
     * x tanh(log(1 + sigmoid(x))), as X. Wang et al. define it (Electronics 11(4), 540, 2022). With
     * u = 1 + sigmoid(x) that is x - 2 x / (u u + 1), which takes half the time.
     */
    private String smish(String x) {
      String u = layers.let("torch.add_(torch.sigmoid(%s), 1)", x);
      return layers.let(
          "torch.addcdiv(%s, %1$s, torch.add_(torch.mul_(%s, %2$s), 1), value=-2)", x, u);
    }

    private String block(String x, String name, Convolution first) {
      String h = smish(layers.conv(x, name + ".conv1", first));
      return layers.conv(h, name + ".conv2", Convolution.of(first.out(), first.out(), 3));
    }

    /** Grows the picture by two pixels and shrinks it again. */
    private String dense(String x, String skip) {
      String name = "dblock_3.denselayer1.";
      String h =
          layers.conv(smish(x), name + "conv1", Convolution.of(WIDTHS[1], WIDTHS[2], 3).padding(2));
      h = layers.conv(smish(h), name + "conv2", Convolution.of(WIDTHS[2], WIDTHS[2], 3).padding(0));
      return layers.let("torch.mul(torch.add(%s, %s), 0.5)", h, skip);
    }

    /** To twice the size. */
    private String enlarged(String x, String name, int number, int in, int out, int steps) {
      String features = name + ".features.";
      String h = smish(layers.conv(x, features + number, Convolution.of(in, out, 1)));
      Convolution up = Convolution.of(out, out, 2 * steps).stride(2).padding(steps - 1);
      return layers.convTranspose(h, features + (number + 2), up, 0);
    }

    private String fusion(String edges) {
      Convolution first = Convolution.of(3, FUSION, 3).groups(3);
      String h = layers.conv(smish(edges), "block_cat.DWconv1", first);
      Convolution second = Convolution.of(FUSION, FUSION, 3).groups(FUSION);
      String sum = layers.add_(layers.conv(smish(h), "block_cat.DWconv2", second), h);
      return smish(layers.let("torch.sum(%s, [1], True)", sum));
    }
  }
}
