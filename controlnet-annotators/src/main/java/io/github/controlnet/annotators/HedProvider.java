package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import java.util.List;

/**
 * The annotator {@code hed}: soft edges by the network of S. Xie and Z. Tu (arXiv 1504.06375) with
 * the weights that ControlNet 1.1 publishes; equal to {@code HEDdetector} of controlnet_aux.
 */
public final class HedProvider extends LearnedProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public HedProvider() {
    super(
        "hed",
        "Soft edges, white on black, by HED.",
        HedEdges.WEIGHTS,
        AnnotatorOption.flag(
            "safe", false, "Edges in steps of strength, which hide the picture's content."));
  }

  @Override
  public List<String> aliases() {
    return List.of("softedge_hed");
  }

  @Override
  public List<String> controls() {
    return List.of("control_v11p_sd15_softedge", "control_sd15_hed");
  }

  @Override
  int leastSide() {
    return HedEdges.LEAST_SIDE;
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    boolean safe = options.flag("safe");
    return LearnedAnnotator.open(
        this,
        networks -> {
          HedEdges hed = HedEdges.load(networks, file(options));
          return (photo, scope) -> hed.of(photo, safe, scope);
        });
  }
}
