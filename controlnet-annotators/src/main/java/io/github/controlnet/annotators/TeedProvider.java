package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import java.util.List;
import org.opencv.core.Mat;

/**
 * The annotator {@code teed}: soft edges by TEED (X. Soria et al., arXiv 2308.06468); equal to
 * {@code TEEDdetector} of controlnet_aux.
 */
public final class TeedProvider extends LearnedProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public TeedProvider() {
    super(
        "teed",
        "Soft edges, white on black, by TEED.",
        List.of(
            "fal-ai/teed/5_model.pth", "bdsqlsz/qinglong_controlnet-lllite/Annotators/7_model.pth"),
        AnnotatorOption.integer(
            "safe_steps",
            SoftEdges.SAFE_STEPS,
            0,
            10,
            "Edges in so many steps of strength, which hide the picture's content; 0 for all levels."));
  }

  @Override
  public List<String> aliases() {
    return List.of("softedge_teed");
  }

  @Override
  public List<String> controls() {
    return List.of("control_v11p_sd15_softedge");
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    int steps = options.integer("safe_steps");
    return LearnedAnnotator.open(
        this,
        networks -> {
          TeedEdges teed = TeedEdges.load(networks, file(options));
          return (photo, scope) -> {
            Mat padded = scope.keep(Planes.padded(photo, TeedEdges.MULTIPLE));
            return Pixels.corner(teed.of(padded, steps, scope), photo.cols(), photo.rows());
          };
        });
  }
}
