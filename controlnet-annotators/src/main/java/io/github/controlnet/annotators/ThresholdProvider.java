package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;

/**
 * The annotator {@code threshold}: white where the least of R, G, B is above a level, black
 * elsewhere, as sd-webui-controlnet's threshold. At 127 it is also the rule of the original code's
 * {@code gradio_scribble2image_interactive}, for strokes drawn in white on black.
 */
public final class ThresholdProvider extends BuiltInProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public ThresholdProvider() {
    super(
        "threshold",
        "Bright areas, white on black.",
        AnnotatorOption.integer(
            "threshold", 127, 0, 255, "White is where R, G and B all exceed it."));
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    int threshold = options.integer("threshold");
    return new PixelAnnotator(
        false, pixel -> Pixels.least(pixel) > threshold ? Pixels.WHITE : Pixels.BLACK);
  }
}
