package io.github.controlnet.annotator;

import io.github.controlnet.internal.Values;
import io.github.controlnet.pose.Poses;
import java.awt.image.BufferedImage;
import java.util.Optional;

/**
 * What an annotator made of a photograph. Immutable: the images are copied when they are given;
 * those that it gives out are its own, to be read and not to be changed.
 *
 * @param map the control map as the network gets it (RGB / 255), 8-bit RGB
 * @param preview the map as people like to see it; for thin lines, inverted; otherwise the same
 *     image
 * @param poses the people that the map shows, when it shows people
 */
public record Annotation(BufferedImage map, BufferedImage preview, Optional<Poses> poses) {

  /** Copies the images. */
  public Annotation {
    boolean one = preview == map;
    map = Values.copy(map, "the map");
    preview = one ? map : Values.copy(preview, "the preview");
  }

  /**
   * Makes an annotation that is an image and nothing else.
   *
   * @param map the control map
   * @param preview the map as people like to see it
   */
  public Annotation(BufferedImage map, BufferedImage preview) {
    this(map, preview, Optional.empty());
  }

  /**
   * Makes an annotation whose preview is the map.
   *
   * @param map the control map
   * @return the annotation
   */
  public static Annotation of(BufferedImage map) {
    return new Annotation(map, map);
  }

  /**
   * Makes the annotation of people.
   *
   * @param map the people, drawn
   * @param poses the people
   * @return the annotation, its preview the map
   */
  public static Annotation of(BufferedImage map, Poses poses) {
    return new Annotation(map, map, Optional.of(poses));
  }
}
