package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import java.util.List;

/**
 * The annotator {@code tile_colorfix}: the photograph itself, which is what sd-webui-controlnet's
 * tile_colorfix gives the control network. What that one does besides, correcting the colours of
 * each step's prediction, happens while sampling and is no part of a map.
 */
public final class TileColorfixProvider extends BuiltInProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public TileColorfixProvider() {
    super(
        "tile_colorfix",
        "The photograph itself; the correction of colours while sampling is not part of a map.");
  }

  @Override
  public List<String> controls() {
    return List.of("control_v11f1e_sd15_tile");
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    return new PixelAnnotator(false, pixel -> pixel);
  }
}
