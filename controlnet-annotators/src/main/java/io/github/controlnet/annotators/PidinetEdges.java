package io.github.controlnet.annotators;

import io.github.controlnet.annotators.network.PidiNetwork;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import org.opencv.core.Mat;

/** Soft edges by PiDiNet. */
final class PidinetEdges {
  static final List<String> WEIGHTS = List.of("lllyasviel/Annotators/table5_pidinet.pth");

  /** Halved three times. */
  static final int LEAST_SIDE = 8;

  private final Networks.Loaded network;

  private PidinetEdges(Networks.Loaded network) {
    this.network = network;
  }

  static PidinetEdges load(Networks networks, Path file) {
    return new PidinetEdges(
        networks.load(file, RenamedWeights.without("module."), new PidiNetwork()));
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
