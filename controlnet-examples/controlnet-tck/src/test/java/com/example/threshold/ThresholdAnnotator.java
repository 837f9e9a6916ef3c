package com.example.threshold;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import java.awt.image.BufferedImage;

final class ThresholdAnnotator implements Annotator {
  private final int level;

  ThresholdAnnotator(int level) {
    this.level = level;
  }

  @Override
  public Annotation annotate(BufferedImage photo) {
    int width = photo.getWidth();
    int height = photo.getHeight();
    BufferedImage map = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int rgb = photo.getRGB(x, y);
        int sum = ((rgb >> 16) & 0xff) + ((rgb >> 8) & 0xff) + (rgb & 0xff);
        map.setRGB(x, y, sum >= 3 * level ? 0xffffff : 0);
      }
    }
    return Annotation.of(map);
  }
}
