package io.github.controlnet.annotators;

import io.github.controlnet.annotators.network.LeresNetwork;
import io.github.controlnet.core.network.FloatTensor;
import io.github.controlnet.spi.annotator.Annotator;
import io.github.controlnet.spi.annotator.AnnotatorOption;
import io.github.controlnet.spi.annotator.AnnotatorOptions;
import java.awt.image.BufferedImage;
import java.util.List;
import org.opencv.core.Mat;

/**
 * The annotator {@code depth_leres}: depth, near places bright, by LeReS (W. Yin et al., arXiv
 * 2012.09365); equal to {@code LeresDetector} of controlnet_aux without its boost.
 */
public final class LeresProvider extends LearnedProvider {
  private static final int MULTIPLE = 64;
  private static final int FINE = 65_535;
  private static final int LAST_CHANNEL = 2;

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public LeresProvider() {
    super(
        "depth_leres",
        "Depth by LeReS, near places bright.",
        List.of("lllyasviel/Annotators/res101.pth"),
        AnnotatorOption.number(
            "remove_near", 0, 0, 100, "The nearest places, in percent of the depth, become white."),
        AnnotatorOption.number(
            "remove_background",
            0,
            0,
            100,
            "The farthest places, in percent of the depth, become black."));
  }

  @Override
  public List<String> aliases() {
    return List.of("leres");
  }

  @Override
  public List<String> controls() {
    return RelativeDepth.CONTROLS;
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    double near = options.number("remove_near") / 100 * 255;
    double background = options.number("remove_background") / 100 * 255;
    return LearnedAnnotator.open(
        this,
        options,
        RenamedWeights.without("module."),
        new LeresNetwork(),
        (photo, network, scope) -> {
          Mat padded = scope.keep(Planes.padded(photo, MULTIPLE));
          FloatTensor depth = network.run(Planes.bgr(padded, LeresProvider::input)).get(0);
          return draw(depth, photo.cols(), photo.rows(), near, background);
        });
  }

  /**
   * The network was trained on B, G, R, and levels that are not divided by 255 before they are
   * normalised with the values of R, G, B.
   */
  private static float input(int level, int channel) {
    return ImageNet.normalised(level, LAST_CHANNEL - channel);
  }

  /** Depth from 0 to 255 and turned round, by way of 16 bits. */
  private static BufferedImage draw(
      FloatTensor depth, int width, int height, double near, double background) {
    float least = Float.POSITIVE_INFINITY;
    float greatest = Float.NEGATIVE_INFINITY;
    for (float value : depth.values()) {
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
    }
    float from = least;
    float range = greatest - least;
    return Planes.grey(
        depth,
        width,
        height,
        value -> {
          int fine = range > Math.ulp(1.0) ? (int) (FINE * (value - from) / range) : 0;
          double level = Math.rint(fine * (255.0 / FINE));
          double kept = near > 0 && level <= Math.floor(near) ? 0 : level;
          double shown = 255 - kept;
          return background > 0 && shown <= Math.floor(background) ? 0 : shown;
        });
  }
}
