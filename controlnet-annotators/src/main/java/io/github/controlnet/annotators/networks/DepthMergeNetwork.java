package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The U-Net of pix2pix (P. Isola et al., arXiv 1611.07004) with ten halvings and no norm, trained
 * to give a coarse map of depth the details of a fine one (S. Mahdi H. Miangoleh et al., arXiv
 * 2105.14021): latest_net_G.pth. The width is read from the weights.
 *
 * <p>In: [1, 2, rows, columns], the coarse map and the fine one, each -1 to 1, sides multiples of
 * 1024. Out: depth [1, 1, rows, columns], -1 to 1.
 */
public final class DepthMergeNetwork implements Architecture {
  private static final int HALVINGS = 10;
  private static final int WIDEST = 8;

  @Override
  public Graph graph(Map<String, TensorInfo> stored) {
    PictureGraph layers = new PictureGraph();
    int width = new StoredShapes(stored).side("model.model.0.weight", 0);
    int[] widths =
        IntStream.range(0, HALVINGS).map(level -> width * Math.min(1 << level, WIDEST)).toArray();
    return layers.giving(new SkippingUnet(layers, 2, widths, false).write(layers.picture(2)));
  }
}
