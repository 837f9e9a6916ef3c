package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.network.DepthAnythingNetwork.Version;
import java.util.List;

/**
 * The annotator {@code depth_anything}: depth by Depth Anything (L. Yang et al., arXiv 2401.10891)
 * in its small, base or large size; equal to {@code DepthAnythingForDepthEstimation} of Hugging
 * Face's transformers. Prepared and drawn as sd-webui-controlnet does, but with red and blue in
 * their places, which that program exchanges.
 */
public final class DepthAnythingProvider extends LearnedProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public DepthAnythingProvider() {
    super(
        "depth_anything",
        "Depth, the nearest white, by Depth Anything.",
        List.of(
            "LiheYoung/depth-anything-small-hf/model.safetensors",
            "LiheYoung/depth-anything-base-hf/model.safetensors",
            "LiheYoung/depth-anything-large-hf/model.safetensors"),
        DepthAnything.INPUT_SIZE);
  }

  @Override
  public List<String> controls() {
    return RelativeDepth.CONTROLS;
  }

  @Override
  long bytesPerPixel() {
    return DepthAnything.PHOTO_BYTES_PER_PIXEL;
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    return DepthAnything.annotator(this, options, Version.V1);
  }
}
