package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import java.util.List;
import org.opencv.core.Mat;
import org.opencv.imgproc.Imgproc;

/**
 * The annotator {@code recolor_luminance}: the lightness of L*a*b*, with gamma, in grey; as
 * sd-webui-controlnet's recolor_luminance. Like the original it takes the RGB picture for BGR, so
 * that red and blue weigh each other's share.
 */
public final class RecolorLuminanceProvider extends BuiltInProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public RecolorLuminanceProvider() {
    super("recolor_luminance", "Grey by lightness, to be coloured again.", GreyTable.GAMMA);
  }

  @Override
  public List<String> controls() {
    return List.of("ioclab_sd15_recolor");
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    int[] table = GreyTable.ofGamma(options.number("gamma"));
    return new MatAnnotator(
        name(),
        false,
        (photo, scope) -> {
          Mat lab = scope.create();
          Imgproc.cvtColor(photo, lab, Imgproc.COLOR_BGR2Lab);
          return Pixels.map(OpenCv.toImage(lab), pixel -> table[Pixels.red(pixel)]);
        });
  }
}
