package io.github.controlnet.annotators.edges;

import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.annotators.raster.Planes;
import java.awt.image.BufferedImage;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.imgproc.Imgproc;

/**
 * TEED's edges in two steps under the dark lines of {@code lineart_standard}, less their specks;
 * equal to {@code AnylineDetector} of controlnet_aux, after TheMistoAI/ComfyUI-Anyline.
 *
 * @param teed edges
 * @param lines dark lines
 */
record Anyline(TeedEdges teed, DarkLines lines) {
  /**
   * Lines of fewer pixels that touch at their sides are specks. The original counts each pixel
   * three times, and 36 or fewer as a speck, which scikit-image before 0.26 took for fewer than 36.
   */
  private static final int LEAST_PIXELS = 13;

  private static final int SIDES = 4;

  BufferedImage of(Mat photo, MatScope scope) {
    Mat padded = scope.keep(Planes.padded(photo, TeedEdges.MULTIPLE));
    BufferedImage edges = teed.of(padded, SoftEdges.SAFE_STEPS, scope);
    int[] found = withoutSpecks(lines.of(padded), padded.cols(), scope);
    return Pixels.corner(under(edges, found), photo.cols(), photo.rows());
  }

  private static int[] withoutSpecks(int[] levels, int columns, MatScope scope) {
    byte[] lines = new byte[levels.length];
    for (int i = 0; i < levels.length; i++) {
      lines[i] = (byte) (levels[i] == 0 ? 0 : 1);
    }
    Mat picture = scope.keep(new Mat(levels.length / columns, columns, CvType.CV_8U));
    picture.put(0, 0, lines);
    Mat numbers = scope.create();
    Mat statistics = scope.create();
    Imgproc.connectedComponentsWithStats(
        picture, numbers, statistics, scope.create(), SIDES, CvType.CV_32S);
    int[] number = new int[levels.length];
    numbers.get(0, 0, number);
    int[] kept = new int[levels.length];
    int[] pixels = new int[1];
    boolean[] speck = new boolean[statistics.rows()];
    for (int i = 0; i < speck.length; i++) {
      statistics.get(i, Imgproc.CC_STAT_AREA, pixels);
      speck[i] = pixels[0] < LEAST_PIXELS;
    }
    for (int i = 0; i < levels.length; i++) {
      kept[i] = speck[number[i]] ? 0 : levels[i];
    }
    return kept;
  }

  /**
   * Lays lines over edges: 1 - (1 - line)(1 - edge), which the original computes with the levels in
   * 8 bits, where it wraps around; its maps would differ without that.
   */
  private static BufferedImage under(BufferedImage edges, int[] lines) {
    int[] below = Pixels.of(edges);
    return Pixels.fill(
        edges.getWidth(),
        edges.getHeight(),
        i ->
            lines[i] == 0
                ? below[i]
                : Pixels.grey((1 - (1 - lines[i]) * (1 - Pixels.blue(below[i]))) & 0xff));
  }
}
