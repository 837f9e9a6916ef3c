package io.github.controlnet.annotators.edges;

import io.github.controlnet.annotators.networks.TeedNetwork;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.annotators.support.Networks;
import java.awt.image.BufferedImage;
import org.opencv.core.Mat;

/** Edges by TEED: the mean of its four maps. */
final class TeedEdges {
  /** What sd-webui-controlnet enlarges pictures to; the network needs multiples of 4. */
  static final int MULTIPLE = 64;

  private final LoadedNetwork network;

  TeedEdges(Networks networks) {
    network = networks.load(new TeedNetwork());
  }

  /**
   * Makes the map.
   *
   * @param picture sides multiples of {@link #MULTIPLE}
   * @param steps of strength; 0 for all levels
   */
  BufferedImage of(Mat picture, int steps, MatScope scope) {
    return MeanEdges.of(
        network.run(Planes.rgb(picture, (level, channel) -> level)), picture, steps, scope);
  }
}
