package io.github.controlnet.spi.annotator;

import java.awt.image.BufferedImage;

/**
 * What an annotator made of a photograph.
 *
 * @param map the control map as the network gets it (RGB / 255), 8-bit RGB
 * @param preview the map as people like to see it; for thin lines, inverted; otherwise the same
 *     picture
 */
public record Annotation(BufferedImage map, BufferedImage preview) {

  /**
   * Makes an annotation whose preview is the map.
   *
   * @param map the control map
   * @return the annotation
   */
  public static Annotation of(BufferedImage map) {
    return new Annotation(map, map);
  }
}
