package io.github.controlnet.annotators.edges;

import io.github.controlnet.annotators.networks.LineartNetwork;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.annotators.support.Networks;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import org.opencv.core.Mat;

/** The negative of what a network of line drawings draws. */
final class LineDrawing {
  /** The network halves twice and mirrors a pixel at the border of what is left. */
  private static final int MULTIPLE = 8;

  private final LoadedNetwork network;

  LineDrawing(Networks networks) {
    network = networks.load(new LineartNetwork());
  }

  BufferedImage of(Mat photo, MatScope scope) {
    Mat padded = scope.keep(Planes.padded(photo, MULTIPLE));
    FloatTensor paper = network.run(Planes.rgb(padded, (level, channel) -> level / 255f)).get(0);
    return Planes.grey(
        paper, photo.cols(), photo.rows(), value -> 255 - Planes.level(value * 255f));
  }
}
