package io.github.controlnet.annotators.depth;

import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.networks.LeresNetwork;
import io.github.controlnet.annotators.raster.ImageNet;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.annotators.support.Networks;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import org.opencv.core.Mat;

/** LeReS and its maps, for the annotators with and without boost. */
final class Leres {
  static final AnnotatorOption NEAR =
      AnnotatorOption.number(
          "remove_near", 0, 0, 100, "The nearest places, in percent of the depth, become white.");
  static final AnnotatorOption BACKGROUND =
      AnnotatorOption.number(
          "remove_background",
          0,
          0,
          100,
          "The farthest places, in percent of the depth, become black.");

  private static final int FINE = 65_535;
  private static final int LAST_CHANNEL = 2;

  private final double near;
  private final double background;

  /** Takes over what is to become white and black. */
  Leres(AnnotatorOptions options) {
    near = options.number(NEAR.name()) / 100 * 255;
    background = options.number(BACKGROUND.name()) / 100 * 255;
  }

  static LoadedNetwork load(Networks networks) {
    return networks.load(new LeresNetwork());
  }

  /** What the network gets of a picture in R, G, B, whose sides are multiples of 32. */
  static FloatTensor input(Mat picture) {
    return Planes.bgr(picture, Leres::input);
  }

  /**
   * The network was trained on B, G, R, and levels that are not divided by 255 before they are
   * normalised with the values of R, G, B.
   */
  private static float input(int level, int channel) {
    return ImageNet.normalised(level, LAST_CHANNEL - channel);
  }

  /** Depth from 0 to 255 and turned round, by way of 16 bits. */
  BufferedImage draw(FloatTensor depth, int width, int height) {
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
