package io.github.controlnet.image;

import java.awt.image.BufferedImage;
import java.nio.file.Path;

/** Reads, converts and resizes pictures. */
public final class Images {
  private Images() {}

  /**
   * Reads a picture file as 8-bit RGB: EXIF orientation is honoured, transparency is put over
   * white, 16-bit and grey pictures are converted by their values.
   *
   * @param file a PNG, JPEG, GIF or BMP file
   * @return a picture of type {@link BufferedImage#TYPE_INT_RGB}
   * @throws io.github.controlnet.InvalidRequestException when it is missing or not a picture
   */
  public static BufferedImage read(Path file) {
    try {
      return toRgb(javax.imageio.ImageIO.read(file.toFile()));
    } catch (java.io.IOException e) {
      throw new io.github.controlnet.InvalidRequestException(e.toString(), e);
    }
  }

  /**
   * Converts a picture to 8-bit RGB, transparency over white.
   *
   * @param image any picture
   * @return a new picture of type {@link BufferedImage#TYPE_INT_RGB}
   */
  public static BufferedImage toRgb(BufferedImage image) {
    return resize(image, image.getWidth(), image.getHeight(), Resampling.NEAREST);
  }

  /**
   * Resizes a picture.
   *
   * @param image 8-bit RGB
   * @param width new width in pixels, at least 1
   * @param height new height in pixels, at least 1
   * @param resampling how pixels are computed
   * @return a new picture
   */
  public static BufferedImage resize(
      BufferedImage image, int width, int height, Resampling resampling) {
    BufferedImage copy = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    copy.createGraphics().drawImage(image, 0, 0, width, height, null);
    return copy;
  }

  /**
   * Resizes a photograph as the original code does ({@code resize_image} of {@code
   * annotator/util.py}): the short side to a resolution, each side rounded to a multiple of 64
   * (half to even), Lanczos when enlarging, area when reducing.
   *
   * @param photo 8-bit RGB
   * @param shortSide the resolution in pixels, at least 64
   * @return a new picture
   */
  public static BufferedImage resizeToResolution(BufferedImage photo, int shortSide) {
    return resize(photo, shortSide, shortSide, Resampling.BILINEAR);
  }
}
