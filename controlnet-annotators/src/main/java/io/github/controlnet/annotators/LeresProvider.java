package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.core.torch.FloatTensor;
import java.util.List;
import org.opencv.core.Mat;

/**
 * The annotator {@code depth_leres}: depth, near places bright, by LeReS (W. Yin et al., arXiv
 * 2012.09365); equal to {@code LeresDetector} of controlnet_aux without its boost.
 */
public final class LeresProvider extends LearnedProvider {
  private static final int MULTIPLE = 64;

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public LeresProvider() {
    super(
        "depth_leres",
        "Depth by LeReS, near places bright.",
        Leres.WEIGHTS,
        Leres.NEAR,
        Leres.BACKGROUND);
  }

  @Override
  public List<String> aliases() {
    return List.of("leres");
  }

  @Override
  public List<String> controls() {
    return RelativeDepth.CONTROLS;
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    Leres leres = new Leres(options);
    return LearnedAnnotator.open(
        this,
        networks -> {
          Networks.Loaded network = Leres.load(networks, file(options));
          return (photo, scope) -> {
            Mat padded = scope.keep(Planes.padded(photo, MULTIPLE));
            FloatTensor depth = network.run(Leres.input(padded)).get(0);
            return leres.draw(depth, photo.cols(), photo.rows());
          };
        });
  }
}
