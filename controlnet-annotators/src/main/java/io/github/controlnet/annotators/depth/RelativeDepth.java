package io.github.controlnet.annotators.depth;

import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.annotators.raster.Planes;
import java.awt.image.BufferedImage;

/** Depth of unknown scale and offset as a map. */
final class RelativeDepth {
  private RelativeDepth() {}

  /**
   * The nearest white and the farthest black; all black where all is at one distance.
   *
   * @param nearness row by row
   */
  static BufferedImage map(float[] nearness, int width, int height) {
    float[] share = share(nearness);
    return Pixels.fill(width, height, i -> Pixels.grey(Planes.level(share[i] * 255f)));
  }

  /** From 0 for the farthest to 1 for the nearest. */
  static float[] share(float[] nearness) {
    float least = Float.POSITIVE_INFINITY;
    float greatest = Float.NEGATIVE_INFINITY;
    for (float value : nearness) {
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
    }
    float range = greatest > least ? greatest - least : 1;
    float[] share = new float[nearness.length];
    for (int i = 0; i < share.length; i++) {
      share[i] = (nearness[i] - least) / range;
    }
    return share;
  }
}
