package io.github.controlnet.annotators.segments;

import io.github.controlnet.annotators.raster.Pixels;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The colours that the classes of a data set have in maps of segmentation, which are what a control
 * model knows the classes by. A resource lists them in the order of the labels: RRGGBB and the name
 * of the class.
 */
final class Palette {
  private final int[] colors;

  private Palette(int[] colors) {
    this.colors = colors;
  }

  /** The 150 classes of ADE20K; road and skyscraper have the same colour. */
  static Palette ade20k() {
    return read("ade20k.txt");
  }

  /** The 133 classes of the panoptic COCO, things first. */
  static Palette coco() {
    return read("coco.txt");
  }

  private static Palette read(String name) {
    try (InputStream in = Palette.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("the jar lacks its resource " + name);
      }
      return new Palette(
          new String(in.readAllBytes(), StandardCharsets.US_ASCII)
              .lines()
              .mapToInt(line -> Integer.parseInt(line.substring(0, line.indexOf(' ')), 16))
              .toArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many classes there are. */
  int size() {
    return colors.length;
  }

  /** The colour of a class. */
  int color(int label) {
    return colors[label];
  }

  /**
   * Paints classes.
   *
   * @param labels of the pixels row by row, each from 0 and below the number of classes
   */
  BufferedImage paint(int[] labels, int width, int height) {
    return Pixels.fill(width, height, i -> colors[labels[i]]);
  }
}
