package io.github.controlnet.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.awt.image.WritableRaster;

/** An image as packed 0xRRGGBB, row by row. The upper byte holds anything. */
final class Pixels {
  private final int width;
  private final int height;

  /** Shared with the image that is viewed, so that only whoever made it may write. */
  private final int[] rgb;

  Pixels(int width, int height, int[] rgb) {
    this.width = width;
    this.height = height;
    this.rgb = rgb;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  int[] rgb() {
    return rgb;
  }

  /** Views an image, without a copy where its pixels are laid out this way already. */
  public static Pixels of(BufferedImage image) {
    if (image.getType() != BufferedImage.TYPE_INT_RGB) {
      return StoredPixels.of(image).overWhite();
    }
    int width = image.getWidth();
    int height = image.getHeight();
    WritableRaster raster = image.getRaster();
    if (raster.getParent() == null
        && raster.getDataBuffer() instanceof DataBufferInt data
        && data.getData().length == width * height) {
      return new Pixels(width, height, data.getData());
    }
    int[] copy = new int[width * height];
    raster.getDataElements(0, 0, width, height, copy);
    return new Pixels(width, height, copy);
  }

  Pixels resize(int newWidth, int newHeight, Resampling resampling) {
    if (newWidth == width && newHeight == height) {
      return this;
    }
    return switch (resampling) {
      case NEAREST -> NearestResize.resize(this, newWidth, newHeight);
      case BILINEAR ->
          AreaResize.halves(this, newWidth, newHeight)
              ? AreaResize.resize(this, newWidth, newHeight)
              : SeparableResize.linear(this, newWidth, newHeight);
      case AREA ->
          AreaResize.reduces(this, newWidth, newHeight)
              ? AreaResize.resize(this, newWidth, newHeight)
              : SeparableResize.areaEnlarging(this, newWidth, newHeight);
      case LANCZOS4 -> SeparableResize.lanczos4(this, newWidth, newHeight);
    };
  }

  /** Puts the image into a black one, its left upper corner at (x, y), cutting what overhangs. */
  Pixels placed(int x, int y, int newWidth, int newHeight) {
    int[] target = new int[newWidth * newHeight];
    int fromX = Math.max(0, -x);
    int count = Math.min(width, newWidth - x) - fromX;
    for (int row = Math.max(0, -y); row < Math.min(height, newHeight - y); row++) {
      System.arraycopy(
          rgb, row * width + fromX, target, (row + y) * newWidth + x + fromX, Math.max(0, count));
    }
    return new Pixels(newWidth, newHeight, target);
  }

  /** Copies the pixels into a new image. */
  BufferedImage toImage() {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] target = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
    System.arraycopy(rgb, 0, target, 0, target.length);
    return image;
  }

  /** Writes one row as red, green, blue, red ... */
  void unpackRow(int row, int[] samples) {
    int at = 0;
    for (int i = row * width, end = i + width; i < end; i++) {
      int pixel = rgb[i];
      samples[at++] = (pixel >> 16) & 0xff;
      samples[at++] = (pixel >> 8) & 0xff;
      samples[at++] = pixel & 0xff;
    }
  }
}
