package io.github.controlnet.core.pipeline.canvas;

import io.github.controlnet.image.Images;
import io.github.controlnet.image.Resampling;
import java.awt.image.BufferedImage;

/** Between pictures and the numbers of the networks. */
public final class Pictures {
  private Pictures() {}

  /**
   * Turns pixels [3, height, width] of -1 to 1 into a picture: x 127.5 + 127.5, clipped, truncated.
   */
  static BufferedImage fromPixels(float[] pixels, int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int plane = width * height;
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = y * width + x;
        row[x] =
            level(pixels[at]) << 16
                | level(pixels[at + plane]) << 8
                | level(pixels[at + 2 * plane]);
      }
      picture.setRGB(0, y, width, 1, row, 0, width);
    }
    return picture;
  }

  private static int level(float value) {
    return (int) Math.max(0, Math.min(255, value * 127.5f + 127.5f));
  }

  /** Turns a picture into pixels [3, height, width] of -1 to 1: RGB / 255 x 2 - 1. */
  static float[] toPixels(BufferedImage picture) {
    float[] pixels = channels(picture);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = 2 * pixels[i] - 1;
    }
    return pixels;
  }

  /** Brings a picture to a size: the mean of the area when that is smaller, Lanczos else. */
  static BufferedImage resized(BufferedImage picture, int width, int height) {
    if (picture.getWidth() == width && picture.getHeight() == height) {
      return picture;
    }
    boolean smaller = (long) width * height < (long) picture.getWidth() * picture.getHeight();
    return Images.resize(picture, width, height, smaller ? Resampling.AREA : Resampling.LANCZOS4);
  }

  public static float[] scaled(float[] values, double factor) {
    float[] scaled = values.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= (float) factor;
    }
    return scaled;
  }

  /**
   * Turns a control map into the values of a hint: [3, height, width], RGB / 255.
   *
   * @param map the map
   */
  public static float[] channels(BufferedImage map) {
    int width = map.getWidth();
    int height = map.getHeight();
    int plane = width * height;
    float[] values = new float[3 * plane];
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      map.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        int at = y * width + x;
        values[at] = (row[x] >> 16 & 255) / 255f;
        values[at + plane] = (row[x] >> 8 & 255) / 255f;
        values[at + 2 * plane] = (row[x] & 255) / 255f;
      }
    }
    return values;
  }

  /** Reads how light each pixel is, 0 to 255: the luma of ITU-R 601, as PIL's mode L. */
  public static int[] levels(BufferedImage rgb) {
    int width = rgb.getWidth();
    int height = rgb.getHeight();
    int[] levels = rgb.getRGB(0, 0, width, height, null, 0, width);
    for (int i = 0; i < levels.length; i++) {
      int pixel = levels[i];
      levels[i] =
          ((pixel >> 16 & 255) * 19595 + (pixel >> 8 & 255) * 38470 + (pixel & 255) * 7471 + 0x8000)
              >> 16;
    }
    return levels;
  }
}
