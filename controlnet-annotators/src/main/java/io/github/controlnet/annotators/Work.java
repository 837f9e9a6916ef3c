package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotation;
import org.opencv.core.Mat;

/** What becomes of a photograph. */
@FunctionalInterface
interface Work {
  /**
   * Makes the map and what belongs to it; called by several threads at a time.
   *
   * @param photo 8-bit R, G, B; not to be changed
   * @param scope releases what is created on the way
   */
  Annotation annotate(Mat photo, MatScope scope);
}
