package io.github.controlnet.annotators.support;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotators.raster.MatScope;
import org.opencv.core.Mat;

/** What becomes of a photograph. */
@FunctionalInterface
public interface Work {
  /**
   * Makes the map and what belongs to it; called by several threads at a time.
   *
   * @param photo 8-bit R, G, B; not to be changed
   * @param scope releases what is created on the way
   */
  Annotation annotate(Mat photo, MatScope scope);
}
