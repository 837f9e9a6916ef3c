package io.github.controlnet.core.pipeline.canvas;

import io.github.controlnet.image.Images;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;

/**
 * A mask as grey levels.
 *
 * @param width pixels
 * @param height pixels
 * @param levels 0 (kept) to 255 (painted), row by row
 */
public record GreyMask(int width, int height, int[] levels) {
  private static final int HALF = 128;

  static GreyMask of(BufferedImage picture) {
    BufferedImage rgb = Images.toRgb(picture);
    return new GreyMask(rgb.getWidth(), rgb.getHeight(), Pictures.levels(rgb));
  }

  int level(int x, int y) {
    return levels[y * width + x];
  }

  /** Whether the networks take a pixel as painted. */
  boolean paints(int x, int y) {
    return level(x, y) >= HALF;
  }

  GreyMask blurred(double radius) {
    return radius == 0 ? this : new GreyMask(width, height, BoxBlur.gaussian(this, radius));
  }

  GreyMask cropped(Rectangle region) {
    int[] part = new int[region.width * region.height];
    for (int y = 0; y < region.height; y++) {
      System.arraycopy(
          levels, (region.y + y) * width + region.x, part, y * region.width, region.width);
    }
    return new GreyMask(region.width, region.height, part);
  }

  GreyMask resized(int newWidth, int newHeight) {
    if (newWidth == width && newHeight == height) {
      return this;
    }
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] pixels = new int[levels.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = levels[i] * 0x010101;
    }
    picture.setRGB(0, 0, width, height, pixels, 0, width);
    return of(Pictures.resized(picture, newWidth, newHeight));
  }

  /** The smallest rectangle around all that is not black. */
  Rectangle bounds() {
    Rectangle bounds = new Rectangle(-1, -1);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        if (level(x, y) > 0) {
          bounds.add(new Rectangle(x, y, 1, 1));
        }
      }
    }
    return bounds;
  }

  /**
   * Brings the mask to latents: the pixel in the upper left of each square decides, as in
   * diffusers.
   *
   * @return 1 where latents are painted, 0 where they are kept
   */
  float[] toLatents(int factor) {
    int columns = width / factor;
    float[] latents = new float[columns * (height / factor)];
    for (int i = 0; i < latents.length; i++) {
      latents[i] = paints(i % columns * factor, i / columns * factor) ? 1 : 0;
    }
    return latents;
  }
}
