package io.github.controlnet.annotators.edges;

import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import org.opencv.core.Mat;

/**
 * Dark lines by how much darker they are than a Gaussian blur of the picture, scaled so that the
 * typical line is at half brightness.
 */
final class DarkLines {
  private static final String THRESHOLD = "threshold";
  private static final int FAINTEST_SCALE = 16;
  private static final int TYPICAL = 127;

  private final BlurDifference difference;
  private final int threshold;

  /**
   * Chooses the lines.
   *
   * @param options {@code sigma}, the width of the blur in pixels, and {@link #threshold}
   */
  DarkLines(AnnotatorOptions options) {
    this.difference = new BlurDifference(0, options.number("sigma"));
    this.threshold = options.integer(THRESHOLD);
  }

  /** The option that keeps faint lines out of what is typical. */
  static AnnotatorOption threshold(int usual) {
    return AnnotatorOption.integer(
        THRESHOLD, usual, 0, 16, "Fainter lines do not count towards the typical brightness.");
  }

  /** Returns a level for each pixel, row by row. */
  int[] of(Mat photo) {
    float[] intensities = difference.of(photo);
    for (int i = 0; i < intensities.length; i++) {
      intensities[i] = Math.max(0, Math.min(255, intensities[i]));
    }
    float scale = scale(intensities);
    int[] levels = new int[intensities.length];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = (int) Math.min(255, intensities[i] / scale * TYPICAL);
    }
    return levels;
  }

  /** A picture without lines has no median; it is scaled like the faintest ones. */
  private float scale(float[] intensities) {
    float median = BlurDifference.medianAbove(threshold, intensities);
    return median > FAINTEST_SCALE ? median : FAINTEST_SCALE;
  }
}
