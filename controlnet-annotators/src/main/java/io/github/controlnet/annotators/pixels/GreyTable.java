package io.github.controlnet.annotators.pixels;

import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotators.raster.Pixels;

/** Grey pixels for the 256 levels of brightness. */
final class GreyTable {
  /** The option that {@link #ofGamma} takes. */
  static final AnnotatorOption GAMMA =
      AnnotatorOption.number("gamma", 1, 0.1, 2, "Below 1 makes it brighter, above 1 darker.");

  private GreyTable() {}

  /**
   * Makes the table of {@code uint8((level / 255) ** gamma * 255)} in float32, the fraction cut
   * off.
   */
  static int[] ofGamma(double gamma) {
    int[] table = new int[256];
    for (int level = 0; level < table.length; level++) {
      float power = (float) Math.pow(level / 255f, gamma);
      table[level] = Pixels.grey((int) Math.min(255, power * 255f));
    }
    return table;
  }
}
