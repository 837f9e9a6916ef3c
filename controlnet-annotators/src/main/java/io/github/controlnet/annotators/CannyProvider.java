package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import java.util.List;
import org.opencv.core.Mat;
import org.opencv.imgproc.Imgproc;

/**
 * The annotator {@code canny}: Canny's edges as OpenCV finds them (J. Canny, "A Computational
 * Approach to Edge Detection", 1986), equal to {@code cv2.Canny(photo, low, high)} on the RGB
 * picture, which is what the original code calls. Thresholds given the wrong way round are
 * exchanged, as OpenCV does.
 */
public final class CannyProvider extends BuiltInProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public CannyProvider() {
    super(
        "canny",
        "Canny edges, white on black.",
        AnnotatorOption.integer(
            "low", 100, 1, 255, "Gradients above it are edges where they continue a strong one."),
        AnnotatorOption.integer("high", 200, 1, 255, "Gradients above it are strong edges."));
  }

  @Override
  public List<String> controls() {
    return List.of("control_sd15_canny", "control_v11p_sd15_canny");
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    int low = options.integer("low");
    int high = options.integer("high");
    return new MatAnnotator(
        name(),
        true,
        (photo, scope) -> {
          Mat edges = scope.create();
          Imgproc.Canny(photo, edges, low, high);
          return OpenCv.toImage(edges);
        });
  }
}
