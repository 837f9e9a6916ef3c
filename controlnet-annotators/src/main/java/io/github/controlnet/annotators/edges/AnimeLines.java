package io.github.controlnet.annotators.edges;

import io.github.controlnet.annotators.networks.LineartAnimeNetwork;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.annotators.support.Networks;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/** The negative of what the network of anime drawings draws. */
final class AnimeLines {
  /** The network halves eight times. */
  private static final int MULTIPLE = 256;

  private final LoadedNetwork network;

  AnimeLines(Networks networks) {
    network = networks.load(new LineartAnimeNetwork());
  }

  BufferedImage of(Mat photo, MatScope scope) {
    Mat larger = scope.create();
    Size size = new Size(multiple(photo.cols()), multiple(photo.rows()));
    Imgproc.resize(photo, larger, size, 0, 0, Imgproc.INTER_CUBIC);
    FloatTensor paper =
        network.run(Planes.rgb(larger, (level, channel) -> level / 127.5f - 1f)).get(0);
    float[] values = paper.values();
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] * 127.5f + 127.5f;
    }
    Mat drawing = scope.keep(Planes.mat(paper));
    Imgproc.resize(drawing, drawing, photo.size(), 0, 0, Imgproc.INTER_CUBIC);
    float[] levels = Planes.values(drawing);
    return Pixels.fill(photo.cols(), photo.rows(), i -> Pixels.grey(255 - Planes.level(levels[i])));
  }

  private static int multiple(int side) {
    return (side + MULTIPLE - 1) / MULTIPLE * MULTIPLE;
  }
}
