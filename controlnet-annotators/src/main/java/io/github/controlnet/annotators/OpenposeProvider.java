package io.github.controlnet.annotators;

import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import java.util.List;

/**
 * The annotator {@code openpose}: bodies by OpenPose (Z. Cao et al., arXiv 1812.08008); equal to
 * {@code OpenposeDetector} of controlnet_aux.
 */
public final class OpenposeProvider extends PoseProvider {
  private static final String DRAWING = "drawing";
  private static final String OLD = "1.0";
  private static final String NEW = "1.1";

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public OpenposeProvider() {
    super(
        "openpose",
        "Bodies as coloured sticks, by OpenPose.",
        false,
        false,
        AnnotatorOption.choice(
            DRAWING,
            List.of(NEW, OLD),
            "1.1: dark limbs below bright joints; 1.0: limbs over the joints, mixed with what is below, as control_sd15_openpose saw them."));
  }

  @Override
  PoseDrawing drawing(AnnotatorOptions options) {
    return new PoseDrawing(true, false, false, options.text(DRAWING).equals(OLD));
  }
}
