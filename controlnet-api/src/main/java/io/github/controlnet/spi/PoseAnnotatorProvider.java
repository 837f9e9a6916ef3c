package io.github.controlnet.spi;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.pose.Poses;
import java.awt.image.BufferedImage;

/**
 * An annotator whose maps are drawings of people. Its annotations have {@link Annotation#poses},
 * and it can draw people that somebody else found or posed.
 */
public interface PoseAnnotatorProvider extends AnnotatorProvider {

  /**
   * Draws people, without looking at a photograph and without weights.
   *
   * @param poses the people
   * @param options checked values, made by {@link #options(Map)}
   * @return the map, as large as the canvas of the poses, {@link BufferedImage#TYPE_INT_RGB}
   */
  BufferedImage draw(Poses poses, AnnotatorOptions options);
}
