package com.example.posterize;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import java.awt.image.BufferedImage;

/** Rounds red, green and blue to a few levels. Holds nothing that would have to be closed. */
final class PosterizeAnnotator implements Annotator {
  private static final int WHITE = 255;

  private final int steps;

  PosterizeAnnotator(int levels) {
    this.steps = levels - 1;
  }

  @Override
  public Annotation annotate(BufferedImage photo) {
    int width = photo.getWidth();
    int height = photo.getHeight();
    BufferedImage map = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int rgb = photo.getRGB(x, y);
        int red = round((rgb >> 16) & 0xff);
        int green = round((rgb >> 8) & 0xff);
        int blue = round(rgb & 0xff);
        map.setRGB(x, y, (red << 16) | (green << 8) | blue);
      }
    }
    return Annotation.of(map);
  }

  private int round(int level) {
    int step = (level * steps + WHITE / 2) / WHITE;
    return step * WHITE / steps;
  }
}
