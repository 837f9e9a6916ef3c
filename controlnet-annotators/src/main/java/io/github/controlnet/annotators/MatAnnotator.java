package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.exception.AnnotationException;
import java.awt.image.BufferedImage;
import org.opencv.core.CvException;
import org.opencv.core.Mat;

/** Holds no native memory between calls, so that closing frees nothing and any thread may call. */
final class MatAnnotator implements Annotator {

  /** What becomes of one photograph. */
  @FunctionalInterface
  interface Operation {
    /**
     * Makes the map.
     *
     * @param photo 8-bit R, G, B; not to be changed
     * @param scope releases what is created on the way
     * @return a new picture
     */
    BufferedImage map(Mat photo, MatScope scope);
  }

  /** What becomes of one photograph, when that is more than a map. */
  @FunctionalInterface
  interface Work {
    /**
     * Makes the map and what belongs to it.
     *
     * @param photo 8-bit R, G, B; not to be changed
     * @param scope releases what is created on the way
     */
    Annotation annotate(Mat photo, MatScope scope);
  }

  private final String name;
  private final Work work;

  /**
   * Loads OpenCV, if nobody has.
   *
   * @param name of the annotator, for messages
   * @param invertedPreview whether people see the negative of the map
   * @param operation called by several threads at a time
   */
  MatAnnotator(String name, boolean invertedPreview, Operation operation) {
    this(
        name,
        (photo, scope) -> {
          BufferedImage map = operation.map(photo, scope);
          return invertedPreview ? Pixels.withNegative(map) : Annotation.of(map);
        });
  }

  MatAnnotator(String name, Work work) {
    OpenCv.load();
    this.name = name;
    this.work = work;
  }

  @Override
  public Annotation annotate(BufferedImage photo) {
    try (MatScope scope = new MatScope()) {
      return work.annotate(scope.keep(OpenCv.toMat(photo)), scope);
    } catch (CvException e) {
      throw new AnnotationException(
          "OpenCV could not make the map \"%s\" of a picture of %d x %d pixels: %s"
              .formatted(name, photo.getWidth(), photo.getHeight(), e.getMessage()),
          e);
    }
  }
}
