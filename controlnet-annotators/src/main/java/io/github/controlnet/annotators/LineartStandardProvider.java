package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import java.util.List;

/**
 * The annotator {@code lineart_standard}: dark lines by how much darker they are than a Gaussian
 * blur of the picture, scaled so that the typical line is at half brightness. Equal to {@code
 * lineart_standard} of sd-webui-controlnet, which has no options, and at other values to {@code
 * LineartStandardDetector} of controlnet_aux, apart from what these two do to the size.
 */
public final class LineartStandardProvider extends BuiltInProvider {
  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public LineartStandardProvider() {
    super(
        "lineart_standard",
        "Dark lines, white on black, without a network.",
        AnnotatorOption.number("sigma", 6, 0.01, 100, "Width of the blur in pixels."),
        AnnotatorOption.integer(
            "threshold", 8, 0, 16, "Fainter lines do not count towards the typical brightness."));
  }

  @Override
  public List<String> controls() {
    return List.of("control_v11p_sd15_lineart", "control_v11p_sd15s2_lineart_anime");
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    DarkLines lines = new DarkLines(options.number("sigma"), options.integer("threshold"));
    return new MatAnnotator(
        name(),
        false,
        (photo, scope) -> {
          int[] levels = lines.of(photo);
          return Pixels.fill(photo.cols(), photo.rows(), i -> Pixels.grey(levels[i]));
        });
  }
}
