package io.github.controlnet.image;

import io.github.controlnet.exception.UnreadableImageException;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DirectColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * An image's samples as they are stored, brought to 8 bits and packed as 0xAARRGGBB, row by row.
 * Java's own drawing and {@code getRGB} convert between colour spaces, which changes grey, 16-bit
 * and profiled images; nothing here does.
 */
final class StoredPixels {
  private static final int OPAQUE = 255;

  private final int width;
  private final int height;

  /** Shared with whoever made it, who gives it away. */
  private final int[] argb;

  private final boolean premultiplied;

  StoredPixels(int width, int height, int[] argb) {
    this(width, height, argb, false);
  }

  private StoredPixels(int width, int height, int[] argb, boolean premultiplied) {
    this.width = width;
    this.height = height;
    this.argb = argb;
    this.premultiplied = premultiplied;
  }

  /** Copies the samples of an image. */
  static StoredPixels of(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    Images.checkPixels(width, height);
    int[] target = new int[width * height];
    Raster raster = image.getRaster();
    ColorModel model = image.getColorModel();
    if (image.getType() == BufferedImage.TYPE_INT_RGB) {
      raster.getDataElements(0, 0, width, height, target);
      for (int i = 0; i < target.length; i++) {
        target[i] |= OPAQUE << 24;
      }
    } else if (model instanceof IndexColorModel palette) {
      convertIndexed(raster, palette, target);
    } else if (model instanceof DirectColorModel packed) {
      convertPacked(raster, packed, target);
    } else if (model instanceof ComponentColorModel components && understood(components)) {
      convertComponents(raster, components, target);
    } else {
      throw new UnreadableImageException(
          "The picture's pixels are of a kind that is not read (%s); expected grey or RGB with 8 or"
                  .formatted(describe(model))
              + " 16 bits a sample, packed pixels or a palette. Save it as an 8-bit PNG.");
    }
    return new StoredPixels(
        width, height, target, model.hasAlpha() && model.isAlphaPremultiplied());
  }

  private static String describe(ColorModel model) {
    String type =
        switch (model.getTransferType()) {
          case DataBuffer.TYPE_BYTE -> "8-bit";
          case DataBuffer.TYPE_USHORT -> "16-bit";
          case DataBuffer.TYPE_SHORT -> "signed 16-bit";
          case DataBuffer.TYPE_INT -> "32-bit";
          case DataBuffer.TYPE_FLOAT -> "float";
          case DataBuffer.TYPE_DOUBLE -> "double";
          default -> "unknown";
        };
    return "%d components, %s samples".formatted(model.getNumComponents(), type);
  }

  private static boolean understood(ComponentColorModel model) {
    int type = model.getTransferType();
    int space = model.getColorSpace().getType();
    return (type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT)
        && (space == ColorSpace.TYPE_GRAY || space == ColorSpace.TYPE_RGB);
  }

  private static void convertIndexed(Raster raster, IndexColorModel palette, int[] target) {
    int[] colours = new int[palette.getMapSize()];
    palette.getRGBs(colours);
    int width = raster.getWidth();
    int[] row = new int[width];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
      for (int index : row) {
        target[at++] = colour(colours, index);
      }
    }
  }

  /** An index beyond the palette is damage that the usual readers show as black. */
  static int colour(int[] palette, int index) {
    return index < palette.length ? palette[index] : OPAQUE << 24;
  }

  private static void convertPacked(Raster raster, DirectColorModel model, int[] target) {
    int bands = raster.getNumBands();
    int[] bits = model.getComponentSize();
    int width = raster.getWidth();
    int[] row = new int[width * bands];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int i = 0; i < row.length; i += bands) {
        int alpha = bands > 3 ? toByte(row[i + 3], bits[3]) : OPAQUE;
        target[at++] =
            pack(
                alpha,
                toByte(row[i], bits[0]),
                toByte(row[i + 1], bits[1]),
                toByte(row[i + 2], bits[2]));
      }
    }
  }

  private static void convertComponents(Raster raster, ComponentColorModel model, int[] target) {
    int colours = model.getNumColorComponents();
    int bands = raster.getNumBands();
    int[] bits = model.getComponentSize();
    int width = raster.getWidth();
    int[] row = new int[width * bands];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int i = 0; i < row.length; i += bands) {
        int red = toByte(row[i], bits[0]);
        int green = colours == 1 ? red : toByte(row[i + 1], bits[1]);
        int blue = colours == 1 ? red : toByte(row[i + 2], bits[2]);
        int alpha = model.hasAlpha() ? toByte(row[i + colours], bits[colours]) : OPAQUE;
        target[at++] = pack(alpha, red, green, blue);
      }
    }
  }

  static int pack(int alpha, int red, int green, int blue) {
    return alpha << 24 | red << 16 | green << 8 | blue;
  }

  /** What inks of 0 to 255 leave over of white, without a profile, as in Pillow. */
  static int ofInks(int cyan, int magenta, int yellow, int black) {
    int light = 255 - black;
    return pack(OPAQUE, left(cyan, light), left(magenta, light), left(yellow, light));
  }

  private static int left(int ink, int light) {
    int product = ink * light + 128;
    return Math.max(0, light - (((product >> 8) + product) >> 8));
  }

  /** 16 bits keep the high byte; fewer than 8 are spread over 0 to 255, cut off as Pillow does. */
  static int toByte(int sample, int bits) {
    if (bits == 8) {
      return sample;
    }
    return bits > 8 ? sample >> (bits - 8) : sample * 255 / ((1 << bits) - 1);
  }

  /** Puts transparency over white as HWC3 of the original code does. These pixels are used up. */
  Pixels overWhite() {
    for (int i = 0; i < argb.length; i++) {
      argb[i] = overWhite(argb[i]);
    }
    return new Pixels(width, height, argb);
  }

  private int overWhite(int pixel) {
    int alpha = pixel >>> 24;
    if (alpha == OPAQUE) {
      return pixel & 0xffffff;
    }
    float share = alpha / 255f;
    float colourShare = premultiplied ? 1 : share;
    float white = 255f * (1f - share);
    return cut((pixel >> 16 & 255) * colourShare + white) << 16
        | cut((pixel >> 8 & 255) * colourShare + white) << 8
        | cut((pixel & 255) * colourShare + white);
  }

  private static int cut(float value) {
    return (int) Math.max(0f, Math.min(255f, value));
  }

  /**
   * Takes the image as a mask: where any of it is transparent, its opacity, else its brightness.
   * These pixels are used up.
   */
  Pixels mask() {
    boolean holes = hasHoles();
    for (int i = 0; i < argb.length; i++) {
      argb[i] = (holes ? argb[i] >>> 24 : brightness(argb[i])) * 0x010101;
    }
    return new Pixels(width, height, argb);
  }

  private boolean hasHoles() {
    for (int pixel : argb) {
      if (pixel >>> 24 < OPAQUE) {
        return true;
      }
    }
    return false;
  }

  /** The luma of ITU-R 601-2, as Pillow's mode {@code L}. */
  private static int brightness(int rgb) {
    return ((rgb >> 16 & 255) * 19595 + (rgb >> 8 & 255) * 38470 + (rgb & 255) * 7471 + 0x8000)
        >> 16;
  }
}
