package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import java.util.List;

/**
 * The annotator {@code scribble}: dark strokes become white, the rest black. A pixel is a stroke
 * where the least of R, G, B is below 127: the rule of the original code's {@code
 * gradio_scribble2image}, which has no options and shows people the negative.
 */
public final class ScribbleProvider extends BuiltInProvider {
  private static final int LIGHT = 127;

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public ScribbleProvider() {
    super("scribble", "Dark strokes, white on black; for drawings, not photographs.");
  }

  @Override
  public List<String> controls() {
    return List.of("control_sd15_scribble", "control_v11p_sd15_scribble");
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    return new PixelAnnotator(
        true, pixel -> Pixels.least(pixel) < LIGHT ? Pixels.WHITE : Pixels.BLACK);
  }
}
