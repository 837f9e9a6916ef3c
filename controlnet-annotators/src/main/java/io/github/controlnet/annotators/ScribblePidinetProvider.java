package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import java.util.List;

/**
 * The annotator {@code scribble_pidinet}: strokes of a pen along PiDiNet's edges; equal to {@code
 * PidiNetDetector} of controlnet_aux with {@code scribble=True}.
 */
public final class ScribblePidinetProvider extends LearnedProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public ScribblePidinetProvider() {
    super(
        "scribble_pidinet",
        "Scribbles along PiDiNet's edges, white on black.",
        PidinetEdges.WEIGHTS);
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
    return PidinetEdges.LEAST_SIDE;
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    return LearnedAnnotator.open(
        this,
        networks -> {
          PidinetEdges pidinet = PidinetEdges.load(networks, file(options));
          return (photo, scope) -> SoftEdges.scribble(pidinet.of(photo, false, false), scope);
        });
  }
}
