package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import org.opencv.core.Mat;
import org.opencv.imgproc.Imgproc;

/**
 * The annotator {@code binary}: dark areas white, bright areas black, split at a level of grey or
 * where Otsu's method splits (N. Otsu, "A Threshold Selection Method from Gray-Level Histograms",
 * 1979). Equal to {@code cv2.threshold} with {@code THRESH_BINARY_INV} on the grey picture, as
 * sd-webui-controlnet's binary.
 */
public final class BinaryProvider extends BuiltInProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public BinaryProvider() {
    super(
        "binary",
        "Dark areas, white on black, split at a level of grey.",
        AnnotatorOption.integer(
            "threshold",
            0,
            0,
            255,
            "White is where grey does not exceed it; 0 and 255 let Otsu's method choose."));
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    int threshold = options.integer("threshold");
    // 255 would make every pixel white; the original gives it to Otsu's method too.
    boolean otsu = threshold == 0 || threshold == 255;
    int type = Imgproc.THRESH_BINARY_INV + (otsu ? Imgproc.THRESH_OTSU : 0);
    return new MatAnnotator(
        name(),
        false,
        (photo, scope) -> {
          Mat grey = scope.create();
          Imgproc.cvtColor(photo, grey, Imgproc.COLOR_RGB2GRAY);
          Mat split = scope.create();
          Imgproc.threshold(grey, split, threshold, 255, type);
          return OpenCv.toImage(split);
        });
  }
}
