package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import java.util.List;

/**
 * The annotator {@code pidinet}: soft edges by PiDiNet (Z. Su et al., arXiv 2108.07009); equal to
 * {@code PidiNetDetector} of controlnet_aux.
 */
public final class PidinetProvider extends LearnedProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public PidinetProvider() {
    super(
        "pidinet",
        "Soft edges, white on black, by PiDiNet.",
        PidinetEdges.WEIGHTS,
        AnnotatorOption.flag(
            "safe", false, "Edges in steps of strength, which hide the picture's content."),
        AnnotatorOption.flag("binary", false, "White where the strength exceeds a half."));
  }

  @Override
  public List<String> aliases() {
    return List.of("softedge_pidinet");
  }

  @Override
  public List<String> controls() {
    return List.of("control_v11p_sd15_softedge");
  }

  @Override
  int leastSide() {
    return PidinetEdges.LEAST_SIDE;
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    boolean safe = options.flag("safe");
    boolean binary = options.flag("binary");
    return LearnedAnnotator.open(
        this,
        networks -> {
          PidinetEdges pidinet = PidinetEdges.load(networks, file(options));
          return (photo, scope) -> pidinet.of(photo, safe, binary);
        });
  }
}
