package io.github.controlnet.annotators.edges;

import io.github.controlnet.annotators.networks.MangaLineNetwork;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.annotators.support.Networks;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import org.opencv.core.Mat;
import org.opencv.imgproc.Imgproc;

/** The negative of what the network of manga drawings draws. */
final class MangaLines {
  private static final int MULTIPLE = 64;

  private final LoadedNetwork network;

  MangaLines(Networks networks) {
    network = networks.load(new MangaLineNetwork());
  }

  BufferedImage of(Mat photo, MatScope scope) {
    Mat grey = scope.create();
    Imgproc.cvtColor(photo, grey, Imgproc.COLOR_RGB2GRAY);
    Mat padded = scope.keep(Planes.padded(grey, MULTIPLE));
    FloatTensor paper = network.run(Planes.grey(padded)).get(0);
    return Planes.grey(paper, photo.cols(), photo.rows(), value -> 255 - value);
  }
}
