package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import java.util.List;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * The annotator {@code blur}: the photograph blurred, for tile models; equal to {@code
 * cv2.GaussianBlur(photo, (0, 0), sigma)}, as sd-webui-controlnet's blur_gaussian.
 */
public final class BlurProvider extends BuiltInProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public BlurProvider() {
    super(
        "blur",
        "The photograph behind a Gaussian blur.",
        AnnotatorOption.number("sigma", 9, 0.01, 64, "Width of the blur in pixels."));
  }

  @Override
  public List<String> aliases() {
    return List.of("blur_gaussian");
  }

  @Override
  public List<String> controls() {
    return List.of("control_v11f1e_sd15_tile");
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    double sigma = options.number("sigma");
    return new MatAnnotator(
        name(),
        false,
        (photo, scope) -> {
          Mat blurred = scope.create();
          Imgproc.GaussianBlur(photo, blurred, new Size(), sigma);
          return OpenCv.toImage(blurred);
        });
  }
}
