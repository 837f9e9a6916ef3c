package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.network.DepthAnythingNetwork.Version;
import java.util.List;

/**
 * The annotator {@code depth_anything_v2}: depth by Depth Anything V2 (L. Yang et al., arXiv
 * 2406.09414) in its small, base or large size; equal to {@code DepthAnythingForDepthEstimation} of
 * Hugging Face's transformers. Prepared and drawn as sd-webui-controlnet does, but with red and
 * blue in their places, which that program exchanges.
 */
public final class DepthAnythingV2Provider extends LearnedProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public DepthAnythingV2Provider() {
    super(
        "depth_anything_v2",
        "Depth, the nearest white, by Depth Anything V2.",
        List.of(
            "depth-anything/Depth-Anything-V2-Small/depth_anything_v2_vits.pth",
            "depth-anything/Depth-Anything-V2-Base/depth_anything_v2_vitb.pth",
            "depth-anything/Depth-Anything-V2-Large/depth_anything_v2_vitl.pth",
            "depth-anything/Depth-Anything-V2-Small-hf/model.safetensors",
            "depth-anything/Depth-Anything-V2-Base-hf/model.safetensors",
            "depth-anything/Depth-Anything-V2-Large-hf/model.safetensors"),
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
    return DepthAnything.annotator(this, options, Version.V2);
  }
}
