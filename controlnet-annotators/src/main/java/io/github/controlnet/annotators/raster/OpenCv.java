package io.github.controlnet.annotators.raster;

import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.image.Images;
import java.awt.image.BufferedImage;
import java.util.Optional;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;

/** OpenCV's native library and the way to it and back. */
public final class OpenCv {
  private OpenCv() {}

  /**
   * Loads the native library at the first call, and only if the application has not done so.
   *
   * @throws AnnotationException when it cannot be loaded; every later call fails the same way
   */
  public static void load() {
    Optional<Throwable> failure = Library.FAILURE;
    if (failure.isPresent()) {
      throw new AnnotationException(
          "OpenCV's native library could not be loaded on %s %s (%s). It comes with org.openpnp:opencv for Linux, macOS and Windows on x86-64 and ARM64, and is unpacked into the folder for temporary files, which must be writable and allow execution (-Djava.io.tmpdir=FOLDER)."
              .formatted(
                  System.getProperty("os.name"), System.getProperty("os.arch"), failure.get()),
          failure.get());
    }
  }

  /** Copies a picture into a matrix of 8-bit R, G, B; the caller releases it. */
  public static Mat toMat(BufferedImage image) {
    BufferedImage rgb = Images.toRgb(image);
    int[] pixels = Pixels.of(rgb);
    byte[] samples = new byte[pixels.length * 3];
    int at = 0;
    for (int pixel : pixels) {
      samples[at++] = (byte) (pixel >> 16);
      samples[at++] = (byte) (pixel >> 8);
      samples[at++] = (byte) pixel;
    }
    Mat mat = new Mat(rgb.getHeight(), rgb.getWidth(), CvType.CV_8UC3);
    mat.put(0, 0, samples);
    return mat;
  }

  /**
   * Makes an RGB picture.
   *
   * @param mat 8 bits, one channel or R, G, B
   */
  public static BufferedImage toImage(Mat mat) {
    int channels = mat.channels();
    byte[] samples = new byte[mat.rows() * mat.cols() * channels];
    mat.get(0, 0, samples);
    return Pixels.fill(
        mat.cols(),
        mat.rows(),
        channels == 1
            ? i -> Pixels.grey(samples[i] & 0xff)
            : i ->
                ((samples[3 * i] & 0xff) << 16)
                    | ((samples[3 * i + 1] & 0xff) << 8)
                    | (samples[3 * i + 2] & 0xff));
  }

  /** Initialised once, by the first thread that asks. */
  private static final class Library {
    static final Optional<Throwable> FAILURE = load();

    private static Optional<Throwable> load() {
      if (isLoaded()) {
        return Optional.empty();
      }
      try {
        nu.pattern.OpenCV.loadLocally();
        return Optional.empty();
      } catch (RuntimeException | LinkageError e) {
        return Optional.of(e);
      }
    }

    private static boolean isLoaded() {
      try {
        return !Core.getVersionString().isEmpty();
      } catch (UnsatisfiedLinkError e) {
        return false;
      }
    }
  }
}
