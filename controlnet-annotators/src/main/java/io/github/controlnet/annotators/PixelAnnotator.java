package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import java.awt.image.BufferedImage;
import java.util.function.IntUnaryOperator;

/** Makes each pixel of the map from the pixel at its place, without OpenCV. */
final class PixelAnnotator implements Annotator {
  private final boolean invertedPreview;
  private final IntUnaryOperator operation;

  /**
   * Creates it.
   *
   * @param invertedPreview whether people see the negative of the map
   * @param operation from 0xRRGGBB to 0xRRGGBB
   */
  PixelAnnotator(boolean invertedPreview, IntUnaryOperator operation) {
    this.invertedPreview = invertedPreview;
    this.operation = operation;
  }

  @Override
  public Annotation annotate(BufferedImage photo) {
    BufferedImage map = Pixels.map(photo, operation);
    return invertedPreview ? Pixels.withNegative(map) : Annotation.of(map);
  }
}
