package io.github.controlnet.annotators;

import io.github.controlnet.annotator.AnnotatorOptions;

/**
 * The annotator {@code openpose_full}: bodies, hands and faces by OpenPose; equal to {@code
 * OpenposeDetector} of controlnet_aux with {@code include_hand} and {@code include_face}.
 */
public final class OpenposeFullProvider extends PoseProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public OpenposeFullProvider() {
    super(
        "openpose_full",
        "Bodies and hands as coloured sticks and faces as dots, by OpenPose.",
        true,
        true);
  }

  @Override
  PoseDrawing drawing(AnnotatorOptions options) {
    return new PoseDrawing(true, true, true, false);
  }
}
