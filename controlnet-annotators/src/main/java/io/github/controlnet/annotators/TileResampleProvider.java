package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.image.Images;
import io.github.controlnet.image.Resampling;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * The annotator {@code tile_resample}: the photograph, made smaller by a rate, for tile models.
 * Equal to {@code cv2.resize} with {@code INTER_AREA}, as sd-webui-controlnet's tile_resample:
 * rates below 1.1 leave the photograph as it is. With larger ones the map is smaller than the
 * photograph, each side divided by the rate, the fraction cut off, at least one pixel; the pipeline
 * brings it to the size of the generation.
 */
public final class TileResampleProvider extends BuiltInProvider {
  private static final double LEAST_RATE = 1.1;

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public TileResampleProvider() {
    super(
        "tile_resample",
        "The photograph, made smaller by a rate.",
        AnnotatorOption.number(
            "rate", 1, 1, 8, "The sides are divided by it; below 1.1 nothing is done."));
  }

  @Override
  public List<String> controls() {
    return List.of("control_v11f1e_sd15_tile");
  }

  @Override
  public boolean keepsSize() {
    return false;
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    double rate = options.number("rate");
    return photo -> Annotation.of(rate < LEAST_RATE ? Images.toRgb(photo) : smaller(photo, rate));
  }

  private static BufferedImage smaller(BufferedImage photo, double rate) {
    return Images.resize(
        photo,
        (int) Math.max(1, photo.getWidth() / rate),
        (int) Math.max(1, photo.getHeight() / rate),
        Resampling.AREA);
  }
}
