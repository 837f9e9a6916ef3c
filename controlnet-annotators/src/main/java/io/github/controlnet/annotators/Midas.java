package io.github.controlnet.annotators;

import io.github.controlnet.annotators.network.MidasNetwork;
import io.github.controlnet.core.torch.FloatTensor;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.opencv.core.Mat;
import org.opencv.core.Rect;

/** Nearness of each pixel by MiDaS. */
final class Midas {
  static final List<String> WEIGHTS =
      List.of(
          "lllyasviel/Annotators/dpt_hybrid-midas-501f0c75.pt",
          "lllyasviel/ControlNet/annotator/ckpts/dpt_hybrid-midas-501f0c75.pt");

  static final long BYTES_PER_PIXEL = 2048;
  private static final int MULTIPLE = 64;

  private final Networks.Loaded network;

  private Midas(Networks.Loaded network) {
    this.network = network;
  }

  static Midas load(Networks networks, Path file) {
    return new Midas(networks.load(file, UnaryOperator.identity(), new MidasNetwork()));
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
