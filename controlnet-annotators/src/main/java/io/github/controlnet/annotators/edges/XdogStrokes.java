package io.github.controlnet.annotators.edges;

import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Pixels;
import java.awt.image.BufferedImage;
import org.opencv.core.Mat;

/**
 * Strokes from a difference of Gaussians (after H. Winnemöller, "XDoG: Advanced Image Stylization
 * with eXtended Difference-of-Gaussians", 2011), as sd-webui-controlnet's scribble_xdog: blurs of 5
 * and 0.5 pixels, the least of R, G, B of their difference, its double against the threshold.
 *
 * @param threshold less gives more strokes
 */
record XdogStrokes(int threshold) {
  private static final BlurDifference STROKES = new BlurDifference(0.5, 5);

  BufferedImage of(Mat photo, MatScope scope) {
    float[] differences = STROKES.of(photo);
    return Pixels.fill(
        photo.cols(), photo.rows(), i -> isStroke(differences[i]) ? Pixels.WHITE : Pixels.BLACK);
  }

  /**
   * The original doubles in 8 bits: differences of 128 and more wrap around, so the middle of a
   * very strong stroke may be black.
   */
  private boolean isStroke(float difference) {
    int lightness = (int) Math.max(0, Math.min(255, 255 - difference));
    return ((2 * (255 - lightness)) & 0xff) > threshold;
  }
}
