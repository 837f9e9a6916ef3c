package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.network.MangaLineNetwork;
import io.github.controlnet.core.torch.FloatTensor;
import java.util.List;
import org.opencv.core.Mat;
import org.opencv.imgproc.Imgproc;

/**
 * The annotator {@code lineart_anime_denoise}, also called manga line: the lines of manga and anime
 * without screentones (C. Li, X. Liu and T.-T. Wong, "Deep extraction of manga structural lines",
 * 2017); equal to {@code lineart_anime_denoise} of sd-webui-controlnet. The map is the negative of
 * what the network draws, which people see as preview.
 */
public final class LineartAnimeDenoiseProvider extends LearnedProvider {
  private static final int MULTIPLE = 64;

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public LineartAnimeDenoiseProvider() {
    super(
        "lineart_anime_denoise",
        "Lines of manga and anime without screentones, white on black.",
        List.of("lllyasviel/Annotators/erika.pth"));
  }

  @Override
  public List<String> aliases() {
    return List.of("manga_line");
  }

  @Override
  public List<String> controls() {
    return List.of("control_v11p_sd15s2_lineart_anime");
  }

  @Override
  boolean invertedPreview() {
    return true;
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    return LearnedAnnotator.open(
        this,
        options,
        RenamedWeights.without("module."),
        new MangaLineNetwork(),
        (photo, network, scope) -> {
          Mat grey = scope.create();
          Imgproc.cvtColor(photo, grey, Imgproc.COLOR_RGB2GRAY);
          Mat padded = scope.keep(Planes.padded(grey, MULTIPLE));
          FloatTensor paper = network.run(Planes.grey(padded)).get(0);
          return Planes.grey(paper, photo.cols(), photo.rows(), value -> 255 - value);
        });
  }
}
