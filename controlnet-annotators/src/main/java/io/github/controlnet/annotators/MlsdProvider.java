package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.network.MlsdNetwork;
import io.github.controlnet.core.torch.FloatTensor;
import java.util.List;
import java.util.function.UnaryOperator;
import org.opencv.core.Mat;

/**
 * The annotator {@code mlsd}: straight lines by M-LSD (G. Gu et al., arXiv 2106.00186); equal to
 * {@code MLSDdetector} of controlnet_aux.
 */
public final class MlsdProvider extends LearnedProvider {
  private static final int MULTIPLE = 64;

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public MlsdProvider() {
    super(
        "mlsd",
        "Straight lines, white on black, by M-LSD.",
        List.of(
            "lllyasviel/Annotators/mlsd_large_512_fp32.pth",
            "lllyasviel/ControlNet/annotator/ckpts/mlsd_large_512_fp32.pth"),
        AnnotatorOption.number(
            "score", 0.1, 0.01, 2, "Lines of which the network is less sure are left out."),
        AnnotatorOption.number(
            "distance", 0.1, 0.01, 20, "Lines that are shorter, in pixels / 2, are left out."));
  }

  @Override
  public List<String> controls() {
    return List.of("control_v11p_sd15_mlsd", "control_sd15_mlsd");
  }

  @Override
  boolean invertedPreview() {
    return true;
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    StraightLines lines = new StraightLines(options.number("score"), options.number("distance"));
    return LearnedAnnotator.open(
        this,
        options,
        UnaryOperator.identity(),
        new MlsdNetwork(),
        (photo, network, scope) -> {
          Mat padded = scope.keep(Planes.padded(photo, MULTIPLE));
          FloatTensor found =
              network.run(Planes.rgb(padded, (level, channel) -> level / 127.5f - 1f)).get(0);
          return lines.draw(found, photo.cols(), photo.rows(), scope);
        });
  }
}
