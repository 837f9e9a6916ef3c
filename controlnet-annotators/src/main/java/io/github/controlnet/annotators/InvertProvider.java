package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;

/**
 * The annotator {@code invert}: the negative, 255 - RGB, as sd-webui-controlnet's invert. It makes
 * a map of a drawing in black on white, for models of lines that want white on black.
 */
public final class InvertProvider extends BuiltInProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public InvertProvider() {
    super("invert", "The negative; for drawings in black on white.");
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    return new PixelAnnotator(false, pixel -> pixel ^ Pixels.WHITE);
  }
}
