package io.github.controlnet.annotators.edges;

import io.github.controlnet.annotators.networks.HedNetwork;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.annotators.support.Networks;
import java.awt.image.BufferedImage;
import org.opencv.core.Mat;

/** Soft edges: the mean of HED's five maps, each brought to the size of the photograph. */
final class HedEdges {
  /** Halved four times. */
  static final int LEAST_SIDE = 16;

  private final LoadedNetwork network;

  HedEdges(Networks networks) {
    network = networks.load(new HedNetwork());
  }

  BufferedImage of(Mat photo, boolean safe, MatScope scope) {
    return MeanEdges.of(
        network.run(Planes.rgb(photo, (level, channel) -> level)),
        photo,
        safe ? SoftEdges.SAFE_STEPS : 0,
        scope);
  }
}
