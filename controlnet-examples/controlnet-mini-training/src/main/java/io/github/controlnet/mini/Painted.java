package io.github.controlnet.mini;

import java.awt.image.BufferedImage;
import java.util.Arrays;

/**
 * What a picture shows, found without knowing what it was asked for: the colour along the border is
 * the background, what differs from it is the shape.
 *
 * @param background the named colour nearest to the border's median
 * @param shape the named colour nearest to the shape's median; the background's where nothing
 *     differs
 * @param inside for each pixel, row by row, whether it belongs to the shape
 */
record Painted(NamedColor background, NamedColor shape, boolean[] inside) {
  /** Two clusters settle in a few rounds. */
  private static final int ROUNDS = 10;

  /** Below this distance in RGB two clusters are one colour: half of the named colours' least. */
  private static final double SAME = 30;

  static Painted in(BufferedImage picture) {
    int size = picture.getWidth();
    int[] pixels = picture.getRGB(0, 0, size, picture.getHeight(), null, 0, size);
    double[] border = median(pixels, border(size, picture.getHeight()));
    boolean[] inside = new boolean[pixels.length];
    double[] other = farthest(pixels, border);
    if (distance(border, other) < SAME) {
      NamedColor only = named(border);
      return new Painted(only, only, inside);
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < pixels.length; i++) {
        double[] color = color(pixels[i]);
        inside[i] = distance(color, other) < distance(color, border);
      }
      other = median(pixels, inside);
    }
    return new Painted(named(border), named(other), inside);
  }

  /** Intersection over union with a mask that is white inside. */
  double overlap(BufferedImage mask) {
    int[] expected = mask.getRGB(0, 0, mask.getWidth(), mask.getHeight(), null, 0, mask.getWidth());
    int both = 0;
    int either = 0;
    for (int i = 0; i < inside.length; i++) {
      boolean wanted = (expected[i] & 0xff) > 127;
      both += inside[i] && wanted ? 1 : 0;
      either += inside[i] || wanted ? 1 : 0;
    }
    return either == 0 ? 0 : (double) both / either;
  }

  private static boolean[] border(int width, int height) {
    boolean[] chosen = new boolean[width * height];
    for (int i = 0; i < chosen.length; i++) {
      int x = i % width;
      int y = i / width;
      chosen[i] = x < 2 || y < 2 || x >= width - 2 || y >= height - 2;
    }
    return chosen;
  }

  private static double[] farthest(int[] pixels, double[] from) {
    double[] best = from;
    for (int pixel : pixels) {
      double[] color = color(pixel);
      if (distance(color, from) > distance(best, from)) {
        best = color;
      }
    }
    return best;
  }

  private static double[] median(int[] pixels, boolean[] chosen) {
    double[] result = new double[3];
    for (int channel = 0; channel < 3; channel++) {
      int shift = 16 - 8 * channel;
      int[] values = new int[pixels.length];
      int count = 0;
      for (int i = 0; i < pixels.length; i++) {
        if (chosen[i]) {
          values[count++] = pixels[i] >> shift & 0xff;
        }
      }
      Arrays.sort(values, 0, count);
      result[channel] = values[count / 2];
    }
    return result;
  }

  private static double[] color(int pixel) {
    return new double[] {pixel >> 16 & 0xff, pixel >> 8 & 0xff, pixel & 0xff};
  }

  private static double distance(double[] a, double[] b) {
    return Math.sqrt(
        (a[0] - b[0]) * (a[0] - b[0])
            + (a[1] - b[1]) * (a[1] - b[1])
            + (a[2] - b[2]) * (a[2] - b[2]));
  }

  private static NamedColor named(double[] color) {
    return NamedColor.nearest(color[0], color[1], color[2]);
  }
}
