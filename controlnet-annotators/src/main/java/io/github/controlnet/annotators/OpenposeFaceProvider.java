package io.github.controlnet.annotators;

import io.github.controlnet.annotator.AnnotatorOptions;

/**
 * The annotator {@code openpose_face}: bodies and faces by OpenPose; equal to {@code
 * OpenposeDetector} of controlnet_aux with {@code include_face}.
 */
public final class OpenposeFaceProvider extends PoseProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public OpenposeFaceProvider() {
    super(
        "openpose_face", "Bodies as coloured sticks and faces as dots, by OpenPose.", false, true);
  }

  @Override
  PoseDrawing drawing(AnnotatorOptions options) {
    return new PoseDrawing(true, false, true, false);
  }
}
