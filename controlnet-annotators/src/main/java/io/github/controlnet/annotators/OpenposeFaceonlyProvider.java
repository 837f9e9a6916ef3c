package io.github.controlnet.annotators;

import io.github.controlnet.annotator.AnnotatorOptions;

/**
 * The annotator {@code openpose_faceonly}: faces by OpenPose, without the bodies; equal to {@code
 * OpenposeDetector} of controlnet_aux with {@code include_face} and without {@code include_body}.
 */
public final class OpenposeFaceonlyProvider extends PoseProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public OpenposeFaceonlyProvider() {
    super("openpose_faceonly", "Faces as dots, without bodies, by OpenPose.", false, true);
  }

  @Override
  PoseDrawing drawing(AnnotatorOptions options) {
    return new PoseDrawing(false, false, true, false);
  }
}
