package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.network.LineartNetwork;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The annotator {@code lineart}: a line drawing by the network of C. Chan et al. (arXiv 2203.12691)
 * with the weights of sk_model.pth; equal to {@code LineartDetector} of controlnet_aux. The map is
 * the negative of what the network draws, which people see as preview.
 */
public final class LineartProvider extends LearnedProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public LineartProvider() {
    super(
        "lineart", "Line drawing, white on black.", List.of("lllyasviel/Annotators/sk_model.pth"));
  }

  @Override
  public List<String> aliases() {
    return List.of("lineart_realistic");
  }

  @Override
  public List<String> controls() {
    return List.of("control_v11p_sd15_lineart");
  }

  @Override
  boolean invertedPreview() {
    return true;
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    return LearnedAnnotator.open(
        this, options, UnaryOperator.identity(), new LineartNetwork(), LineDrawing::of);
  }
}
