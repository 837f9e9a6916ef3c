package io.github.controlnet.annotators.edges;

import io.github.controlnet.annotators.networks.PidiNetwork;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.annotators.support.Networks;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import org.opencv.core.Mat;

/** Soft edges by PiDiNet. */
final class PidinetEdges {
  /** Halved three times. */
  static final int LEAST_SIDE = 8;

  private final LoadedNetwork network;

  PidinetEdges(Networks networks) {
    network = networks.load(new PidiNetwork());
  }

  BufferedImage of(Mat photo, boolean safe, boolean binary) {
    FloatTensor edges = network.run(Planes.bgr(photo, (level, channel) -> level / 255f)).get(0);
    return Planes.grey(
        edges,
        photo.cols(),
        photo.rows(),
        value -> {
          float strength = binary ? (value > 0.5f ? 1 : 0) : value;
          return (safe ? SoftEdges.safe(strength, SoftEdges.SAFE_STEPS) : strength) * 255f;
        });
  }
}
