package io.github.controlnet.annotators.depth;

import io.github.controlnet.annotators.networks.MidasNetwork;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.annotators.support.Networks;
import io.github.controlnet.core.torch.FloatTensor;
import org.opencv.core.Mat;
import org.opencv.core.Rect;

/** Nearness of each pixel by MiDaS. */
final class Midas {
  private static final int MULTIPLE = 64;

  private final LoadedNetwork network;

  Midas(Networks networks) {
    network = networks.load(new MidasNetwork());
  }

  /** A matrix of float32 of the photograph's size. */
  Mat nearness(Mat photo, MatScope scope) {
    Mat padded = scope.keep(Planes.padded(photo, MULTIPLE));
    FloatTensor found =
        network.run(Planes.rgb(padded, (level, channel) -> level / 127.5f - 1f)).get(0);
    Mat whole = scope.keep(Planes.mat(found));
    Mat part = scope.keep(whole.submat(new Rect(0, 0, photo.cols(), photo.rows())));
    return scope.keep(part.clone());
  }
}
