package io.github.controlnet.annotators;

import io.github.controlnet.annotator.AnnotatorOptions;

/**
 * The annotator {@code openpose_hand}: bodies and hands by OpenPose; equal to {@code
 * OpenposeDetector} of controlnet_aux with {@code include_hand}.
 */
public final class OpenposeHandProvider extends PoseProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public OpenposeHandProvider() {
    super("openpose_hand", "Bodies and hands as coloured sticks, by OpenPose.", true, false);
  }

  @Override
  PoseDrawing drawing(AnnotatorOptions options) {
    return new PoseDrawing(true, true, false, false);
  }
}
