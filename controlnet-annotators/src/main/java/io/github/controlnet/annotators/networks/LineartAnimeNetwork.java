package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.util.Map;

/**
 * The U-Net of pix2pix (P. Isola et al., arXiv 1611.07004) with eight halvings and instance norm,
 * trained on line drawings of anime: netG.pth.
 *
 * <p>In: R, G, B, each -1 to 1, sides multiples of 256. Out: paper [1, 1, rows, columns], 1 white,
 * -1 a line.
 */
public final class LineartAnimeNetwork implements Architecture {
  private static final int[] WIDTHS = {64, 128, 256, 512, 512, 512, 512, 512};

  @Override
  public String name(String stored) {
    return RenamedWeights.ofOneDevice(stored);
  }

  @Override
  public Graph graph(Map<String, TensorInfo> stored) {
    PictureGraph layers = new PictureGraph();
    return layers.giving(new SkippingUnet(layers, 3, WIDTHS, true).write(layers.picture(3)));
  }
}
