package io.github.controlnet.annotators.support;

import io.github.controlnet.annotators.raster.MatScope;
import java.awt.image.BufferedImage;
import org.opencv.core.Mat;

/** What becomes of a photograph when that is a map and nothing else. */
@FunctionalInterface
public interface Drawing {
  /**
   * Makes the map; called by several threads at a time.
   *
   * @param photo 8-bit R, G, B; not to be changed
   * @param scope releases what is created on the way
   * @return a new picture
   */
  BufferedImage of(Mat photo, MatScope scope);
}
