package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import java.awt.image.BufferedImage;
import java.util.List;
import org.opencv.core.Mat;
import org.opencv.imgproc.Imgproc;

/**
 * The annotator {@code shuffle}: the photograph bent along smooth noise, so that its colours and
 * textures stay and its content goes. Equal to {@code numpy.random.seed(seed)} followed by
 * ControlNet 1.1's {@code ContentShuffleDetector()(photo)}: noise on a grid of 256 pixels, one each
 * for x and y, and {@code cv2.remap}. The original draws from numpy's global generator, whatever
 * its state; here the seed is an option and nothing is shared.
 */
public final class ShuffleProvider extends BuiltInProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public ShuffleProvider() {
    super(
        "shuffle",
        "The photograph bent by noise: its colours without its content.",
        AnnotatorOption.integer(
            "seed", 12345, 0, 999_999_999, "Another one bends in another way."));
  }

  @Override
  public List<String> controls() {
    return List.of("control_v11e_sd15_shuffle");
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    int seed = options.integer("seed");
    return new MatAnnotator(name(), false, (photo, scope) -> bend(photo, seed, scope));
  }

  private static BufferedImage bend(Mat photo, int seed, MatScope scope) {
    NumpyRandom random = new NumpyRandom(seed);
    int width = photo.cols();
    int height = photo.rows();
    Mat sourceX = NoiseDisk.draw(width, height, width - 1, random, scope);
    Mat sourceY = NoiseDisk.draw(width, height, height - 1, random, scope);
    Mat bent = scope.create();
    Imgproc.remap(photo, bent, sourceX, sourceY, Imgproc.INTER_LINEAR);
    return OpenCv.toImage(bent);
  }
}
