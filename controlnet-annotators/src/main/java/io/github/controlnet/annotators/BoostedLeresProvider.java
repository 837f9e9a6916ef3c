package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.network.DepthMergeNetwork;
import io.github.controlnet.model.HubReference;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The annotator {@code depth_leres_boosted}, which sd-webui-controlnet calls depth_leres++: depth
 * by LeReS (W. Yin et al., arXiv 2012.09365) with finer detail, from the photograph at two
 * resolutions and from parts of it, merged by a second network (S. Mahdi H. Miangoleh et al., arXiv
 * 2105.14021); equal to {@code LeresDetector} of controlnet_aux with its boost.
 */
public final class BoostedLeresProvider extends LearnedProvider {
  private static final String MERGE_WEIGHTS = "lllyasviel/Annotators/latest_net_G.pth";
  private static final String MERGE_MODEL = "merge_model";
  private static final AnnotatorOption INPUT_SIZE =
      AnnotatorOption.integer(
          "input_size",
          448,
          Boost.MULTIPLE,
          896,
          "The sides of what the network sees at first, to a multiple of 32; trained with 448, lesser ones are faster.");

  /** Two networks and what they make of a picture of 1024 x 1024 pixels. */
  private static final long BYTES = 2_000_000_000;

  private static final long BYTES_PER_PIXEL = 64;

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public BoostedLeresProvider() {
    super(
        "depth_leres_boosted",
        "Depth by LeReS with finer detail, near places bright; takes minutes.",
        Leres.WEIGHTS,
        AnnotatorOption.text(
            MERGE_MODEL,
            "",
            "The network that merges depths; without it, %s in the hub's cache."
                .formatted(MERGE_WEIGHTS)),
        INPUT_SIZE,
        Leres.NEAR,
        Leres.BACKGROUND);
  }

  @Override
  public List<String> aliases() {
    return List.of("depth_leres++", "leres++");
  }

  @Override
  public List<HubReference> weights() {
    return Stream.concat(super.weights().stream(), Stream.of(HubReference.of(MERGE_WEIGHTS)))
        .toList();
  }

  @Override
  public List<Path> weightsFiles(AnnotatorOptions options) {
    return List.of(file(options), mergeFile(options));
  }

  private Path mergeFile(AnnotatorOptions options) {
    return file(options.text(MERGE_MODEL), MERGE_MODEL, List.of(HubReference.of(MERGE_WEIGHTS)));
  }

  @Override
  public List<String> controls() {
    return RelativeDepth.CONTROLS;
  }

  @Override
  long bytes(int width, int height) {
    return BYTES + BYTES_PER_PIXEL * width * height;
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    Leres leres = new Leres(options);
    int side =
        (int) Math.rint((double) options.integer(INPUT_SIZE.name()) / Boost.MULTIPLE)
            * Boost.MULTIPLE;
    return LearnedAnnotator.open(
        this,
        networks -> {
          Boost boost =
              new Boost(
                  name(),
                  Leres.load(networks, file(options)),
                  networks.load(
                      mergeFile(options), UnaryOperator.identity(), new DepthMergeNetwork()),
                  side);
          return (photo, scope) ->
              leres.draw(Planes.of(boost.depth(photo, scope)), photo.cols(), photo.rows());
        });
  }
}
