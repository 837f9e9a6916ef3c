package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import java.util.List;

/**
 * The annotator {@code depth_midas}: depth by MiDaS with a hybrid vision transformer (R. Ranftl et
 * al., arXiv 2103.13413); equal to {@code MidasDetector} of controlnet_aux.
 */
public final class DepthMidasProvider extends LearnedProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public DepthMidasProvider() {
    super("depth_midas", "Depth, the nearest white, by MiDaS.", Midas.WEIGHTS);
  }

  @Override
  public List<String> aliases() {
    return List.of("depth");
  }

  @Override
  public List<String> controls() {
    return RelativeDepth.CONTROLS;
  }

  @Override
  long bytesPerPixel() {
    return Midas.BYTES_PER_PIXEL;
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    return LearnedAnnotator.open(
        this,
        networks -> {
          Midas midas = Midas.load(networks, file(options));
          return (photo, scope) ->
              RelativeDepth.map(
                  Planes.values(midas.nearness(photo, scope)), photo.cols(), photo.rows());
        });
  }
}
