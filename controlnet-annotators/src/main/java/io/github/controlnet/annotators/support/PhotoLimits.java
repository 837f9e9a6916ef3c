package io.github.controlnet.annotators.support;

import io.github.controlnet.exception.AnnotationException;

/**
 * Which photographs an annotator can read.
 *
 * @param leastSide the least width and height
 * @param memory what a photograph needs
 */
record PhotoLimits(int leastSide, Bytes memory) {

  /** Bytes of memory that a photograph needs at the most, roughly. */
  @FunctionalInterface
  public interface Bytes {
    long of(int width, int height);
  }

  static Bytes perPixel(long bytes) {
    return (width, height) -> Math.multiplyExact((long) width * height, bytes);
  }

  /**
   * Fails for a photograph that is too small, or too large for this machine.
   *
   * @param annotator its name, for messages
   */
  void check(String annotator, int width, int height) {
    if (Math.min(width, height) < leastSide) {
      throw new AnnotationException(
          "The annotator \"%s\" cannot read a picture of %d x %d pixels; expected sides of %d or more."
              .formatted(annotator, width, height, leastSide));
    }
    Memory.require(
        annotator,
        width,
        height,
        memory.of(width, height),
        "give a smaller detect resolution (--resolution, withDetectResolution)");
  }
}
