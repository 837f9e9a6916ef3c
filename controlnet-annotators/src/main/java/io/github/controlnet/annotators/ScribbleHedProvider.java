package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import java.util.List;

/**
 * The annotator {@code scribble_hed}: strokes of a pen along HED's edges, ControlNet 1.1's "fake
 * scribble"; equal to {@code HEDdetector} of controlnet_aux with {@code scribble=True}.
 */
public final class ScribbleHedProvider extends LearnedProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public ScribbleHedProvider() {
    super("scribble_hed", "Scribbles along HED's edges, white on black.", HedEdges.WEIGHTS);
  }

  @Override
  public List<String> controls() {
    return List.of("control_v11p_sd15_scribble", "control_sd15_scribble");
  }

  @Override
  boolean invertedPreview() {
    return true;
  }

  @Override
  int leastSide() {
    return HedEdges.LEAST_SIDE;
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    return LearnedAnnotator.open(
        this,
        networks -> {
          HedEdges hed = HedEdges.load(networks, file(options));
          return (photo, scope) -> SoftEdges.scribble(hed.of(photo, false, scope), scope);
        });
  }
}
