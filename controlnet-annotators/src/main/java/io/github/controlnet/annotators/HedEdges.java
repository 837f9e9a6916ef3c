package io.github.controlnet.annotators;

import io.github.controlnet.annotators.network.HedNetwork;
import io.github.controlnet.core.network.FloatTensor;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

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
    List<FloatTensor> maps = network.run(Planes.rgb(photo, (level, channel) -> level));
    float[] logits = new float[photo.rows() * photo.cols()];
    Mat resized = scope.create();
    for (FloatTensor map : maps) {
      Mat side = scope.keep(Planes.mat(map));
      Imgproc.resize(side, resized, new Size(photo.cols(), photo.rows()));
      float[] values = Planes.values(resized);
      for (int i = 0; i < logits.length; i++) {
        logits[i] += values[i];
      }
    }
    int count = maps.size();
    return Pixels.fill(
        photo.cols(),
        photo.rows(),
        i -> {
          double strength = 1 / (1 + Math.exp(-(double) (logits[i] / count)));
          return Pixels.grey(Planes.level((safe ? SoftEdges.safe(strength) : strength) * 255));
        });
  }
}
