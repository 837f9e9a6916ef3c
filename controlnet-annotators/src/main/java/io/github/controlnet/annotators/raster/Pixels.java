package io.github.controlnet.annotators.raster;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.image.Images;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.function.IntUnaryOperator;

/** Pictures as whole numbers 0xRRGGBB. */
public final class Pixels {
  public static final int WHITE = 0xffffff;
  public static final int BLACK = 0;

  private Pixels() {}

  /** Makes a new picture by changing every pixel of one. */
  public static BufferedImage map(BufferedImage image, IntUnaryOperator operation) {
    BufferedImage result = Images.toRgb(image);
    int[] pixels = of(result);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = operation.applyAsInt(pixels[i]);
    }
    return result;
  }

  /** Makes a new picture by computing every pixel from its number, counted row by row. */
  public static BufferedImage fill(int width, int height, IntUnaryOperator pixel) {
    BufferedImage result = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] pixels = of(result);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = pixel.applyAsInt(i);
    }
    return result;
  }

  /** The upper left part of a picture that this class made; a new picture, or the whole one. */
  public static BufferedImage corner(BufferedImage whole, int width, int height) {
    if (whole.getWidth() == width && whole.getHeight() == height) {
      return whole;
    }
    int[] pixels = of(whole);
    int stride = whole.getWidth();
    return fill(width, height, i -> pixels[i / width * stride + i % width]);
  }

  /** Shows people the negative of the map. */
  public static Annotation withNegative(BufferedImage map) {
    return new Annotation(map, map(map, pixel -> pixel ^ WHITE));
  }

  public static int grey(int level) {
    return level * 0x010101;
  }

  public static int red(int pixel) {
    return (pixel >> 16) & 0xff;
  }

  public static int green(int pixel) {
    return (pixel >> 8) & 0xff;
  }

  public static int blue(int pixel) {
    return pixel & 0xff;
  }

  public static int least(int pixel) {
    return Math.min(red(pixel), Math.min(green(pixel), blue(pixel)));
  }

  public static int greatest(int pixel) {
    return Math.max(red(pixel), Math.max(green(pixel), blue(pixel)));
  }

  /** The samples of a picture that {@link Images} or this class made, row by row. */
  public static int[] of(BufferedImage rgb) {
    return ((DataBufferInt) rgb.getRaster().getDataBuffer()).getData();
  }
}
