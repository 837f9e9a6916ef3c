package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import java.util.List;

/**
 * The annotator {@code recolor_intensity}: the value of HSV, which is the greatest of R, G, B, with
 * gamma, in grey; as sd-webui-controlnet's recolor_intensity.
 */
public final class RecolorIntensityProvider extends BuiltInProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public RecolorIntensityProvider() {
    super(
        "recolor_intensity",
        "Grey by the brightest channel, to be coloured again.",
        GreyTable.GAMMA);
  }

  @Override
  public List<String> controls() {
    return List.of("ioclab_sd15_recolor");
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    int[] table = GreyTable.ofGamma(options.number("gamma"));
    return new PixelAnnotator(false, pixel -> table[Pixels.greatest(pixel)]);
  }
}
