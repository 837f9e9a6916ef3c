package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import java.util.List;

/**
 * The annotator {@code scribble_xdog}: strokes from a difference of Gaussians (after H.
 * Winnemöller, "XDoG: Advanced Image Stylization with eXtended Difference-of-Gaussians", 2011), as
 * sd-webui-controlnet's scribble_xdog: blurs of 5 and 0.5 pixels, the least of R, G, B of their
 * difference, its double against the threshold.
 */
public final class ScribbleXdogProvider extends BuiltInProvider {
  private static final BlurDifference STROKES = new BlurDifference(0.5, 5);

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public ScribbleXdogProvider() {
    super(
        "scribble_xdog",
        "Strokes where the picture is darker than around, white on black.",
        AnnotatorOption.integer("threshold", 32, 1, 64, "Less gives more strokes."));
  }

  @Override
  public List<String> controls() {
    return List.of("control_sd15_scribble", "control_v11p_sd15_scribble");
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    int threshold = options.integer("threshold");
    return new MatAnnotator(
        name(),
        false,
        (photo, scope) -> {
          float[] differences = STROKES.of(photo);
          return Pixels.fill(
              photo.cols(),
              photo.rows(),
              i -> isStroke(differences[i], threshold) ? Pixels.WHITE : Pixels.BLACK);
        });
  }

  /**
   * The original doubles in 8 bits: differences of 128 and more wrap around, so the middle of a
   * very strong stroke may be black.
   */
  private static boolean isStroke(float difference, int threshold) {
    int lightness = (int) Math.max(0, Math.min(255, 255 - difference));
    return ((2 * (255 - lightness)) & 0xff) > threshold;
  }
}
