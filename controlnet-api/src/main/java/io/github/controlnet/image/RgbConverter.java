package io.github.controlnet.image;

import io.github.controlnet.InvalidRequestException;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferInt;
import java.awt.image.DirectColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * Takes pictures to 8-bit RGB by their stored values. Java's own drawing and {@code getRGB} convert
 * between colour spaces, which changes grey, 16-bit and profiled pictures.
 */
final class RgbConverter {
  private RgbConverter() {}

  static BufferedImage convert(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    Images.checkPixels(width, height);
    BufferedImage result = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] target = ((DataBufferInt) result.getRaster().getDataBuffer()).getData();
    Raster raster = image.getRaster();
    if (image.getType() == BufferedImage.TYPE_INT_RGB) {
      raster.getDataElements(0, 0, width, height, target);
      for (int i = 0; i < target.length; i++) {
        target[i] &= 0xffffff;
      }
      return result;
    }
    ColorModel model = image.getColorModel();
    if (model instanceof IndexColorModel palette) {
      convertIndexed(raster, palette, target);
    } else if (model instanceof DirectColorModel packed) {
      convertPacked(raster, packed, target);
    } else if (model instanceof ComponentColorModel components && understood(components)) {
      convertComponents(raster, components, target);
    } else {
      throw new InvalidRequestException(
          "The picture's pixels are of a kind that is not read (%s); expected grey or RGB with 8 or"
                  .formatted(describe(model))
              + " 16 bits a sample, packed pixels or a palette. Save it as an 8-bit PNG.");
    }
    return result;
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
    for (int i = 0; i < colours.length; i++) {
      int argb = colours[i];
      colours[i] =
          overWhite((argb >> 16) & 0xff, (argb >> 8) & 0xff, argb & 0xff, argb >>> 24, false);
    }
    int width = raster.getWidth();
    int[] row = new int[width];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
      for (int index : row) {
        // An index beyond the palette is damage that the usual readers show as black.
        target[at++] = index < colours.length ? colours[index] : 0;
      }
    }
  }

  private static void convertPacked(Raster raster, DirectColorModel model, int[] target) {
    boolean premultiplied = model.isAlphaPremultiplied();
    int bands = raster.getNumBands();
    int[] bits = model.getComponentSize();
    int width = raster.getWidth();
    int[] row = new int[width * bands];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int i = 0; i < row.length; i += bands) {
        int alpha = bands > 3 ? toByte(row[i + 3], bits[3]) : 255;
        target[at++] =
            overWhite(
                toByte(row[i], bits[0]),
                toByte(row[i + 1], bits[1]),
                toByte(row[i + 2], bits[2]),
                alpha,
                premultiplied);
      }
    }
  }

  private static void convertComponents(Raster raster, ComponentColorModel model, int[] target) {
    int colours = model.getNumColorComponents();
    boolean premultiplied = model.isAlphaPremultiplied();
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
        int alpha = model.hasAlpha() ? toByte(row[i + colours], bits[colours]) : 255;
        target[at++] = overWhite(red, green, blue, alpha, premultiplied);
      }
    }
  }

  /** 16 bits keep the high byte, as the usual tools do; fewer than 8 are spread over 0 to 255. */
  private static int toByte(int sample, int bits) {
    if (bits == 8) {
      return sample;
    }
    if (bits > 8) {
      return sample >> (bits - 8);
    }
    int greatest = (1 << bits) - 1;
    return (sample * 255 + greatest / 2) / greatest;
  }

  private static int overWhite(int red, int green, int blue, int alpha, boolean premultiplied) {
    if (alpha == 255) {
      return (red << 16) | (green << 8) | blue;
    }
    float share = alpha / 255f;
    float colourShare = premultiplied ? 1 : share;
    float white = 255f * (1f - share);
    return (cut(red * colourShare + white) << 16)
        | (cut(green * colourShare + white) << 8)
        | cut(blue * colourShare + white);
  }

  private static int cut(float value) {
    return (int) Math.max(0f, Math.min(255f, value));
  }
}
