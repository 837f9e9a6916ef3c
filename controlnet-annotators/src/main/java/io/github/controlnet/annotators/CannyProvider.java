package io.github.controlnet.annotators;

import io.github.controlnet.spi.annotator.Annotator;
import io.github.controlnet.spi.annotator.AnnotatorOption;
import io.github.controlnet.spi.annotator.AnnotatorOptions;
import io.github.controlnet.spi.annotator.AnnotatorProvider;
import java.util.List;

/**
 * The annotator {@code canny}: Canny's edges as OpenCV finds them (J. Canny, "A Computational
 * Approach to Edge Detection", 1986), equal to {@code cv2.Canny(photo, low, high)} on the RGB
 * picture, which is what the original code calls.
 */
public final class CannyProvider implements AnnotatorProvider {
  private static final int LOW = 100;
  private static final int HIGH = 200;

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public CannyProvider() {}

  @Override
  public String name() {
    return "canny";
  }

  @Override
  public String description() {
    return "Canny edges, white on black.";
  }

  /**
   * Returns the two thresholds of the gradient.
   *
   * @return {@code low} and {@code high}; given the wrong way round, they are exchanged, as OpenCV
   *     does
   */
  @Override
  public List<AnnotatorOption> options() {
    return List.of(
        AnnotatorOption.integer(
            "low", LOW, 1, 255, "Gradients above it are edges where they continue a strong one."),
        AnnotatorOption.integer("high", HIGH, 1, 255, "Gradients above it are strong edges."));
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    OpenCv.load();
    return new CannyAnnotator(options.integer("low"), options.integer("high"));
  }
}
