package io.github.controlnet.annotators;

import io.github.controlnet.annotators.network.HedNetwork;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.opencv.core.Mat;

/** Soft edges: the mean of HED's five maps, each brought to the size of the photograph. */
final class HedEdges {
  static final List<String> WEIGHTS = List.of("lllyasviel/Annotators/ControlNetHED.pth");

  /** Halved four times. */
  static final int LEAST_SIDE = 16;

  private final Networks.Loaded network;

  private HedEdges(Networks.Loaded network) {
    this.network = network;
  }

  static HedEdges load(Networks networks, Path file) {
    return new HedEdges(networks.load(file, UnaryOperator.identity(), new HedNetwork()));
  }

  BufferedImage of(Mat photo, boolean safe, MatScope scope) {
    return MeanEdges.of(
        network.run(Planes.rgb(photo, (level, channel) -> level)),
        photo,
        safe ? SoftEdges.SAFE_STEPS : 0,
        scope);
  }
}
