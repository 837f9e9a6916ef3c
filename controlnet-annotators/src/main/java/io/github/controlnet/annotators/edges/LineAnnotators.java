package io.github.controlnet.annotators.edges;

import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotators.networks.MlsdNetwork;
import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.annotators.support.Specification;
import io.github.controlnet.core.torch.FloatTensor;
import io.github.controlnet.spi.AnnotatorCatalog;
import io.github.controlnet.spi.AnnotatorProvider;
import java.util.List;
import org.opencv.core.Mat;

/**
 * Annotators that draw lines. The maps of those with networks are the negatives of what the
 * networks draw, which people see as preview.
 */
public final class LineAnnotators implements AnnotatorCatalog {
  private static final String LINEART = "control_v11p_sd15_lineart";
  private static final String LINEART_ANIME = "control_v11p_sd15s2_lineart_anime";

  /** M-LSD's pictures have sides of multiples of it. */
  private static final int MULTIPLE = 64;

  /** Creates the catalog; called by {@link java.util.ServiceLoader}. */
  public LineAnnotators() {}

  @Override
  public List<AnnotatorProvider> annotators() {
    return List.of(
        lineart(),
        lineartCoarse(),
        lineartAnime(),
        lineartAnimeDenoise(),
        lineartStandard(),
        mlsd());
  }

  /**
   * A line drawing by the network of C. Chan et al. (arXiv 2203.12691) with the weights of
   * sk_model.pth; equal to {@code LineartDetector} of controlnet_aux.
   */
  private static AnnotatorProvider lineart() {
    return Specification.named("lineart", "Line drawing, white on black.")
        .aliases("lineart_realistic")
        .controls(LINEART)
        .weights("lllyasviel/Annotators/sk_model.pth")
        .invertedPreview()
        .drawing((options, networks) -> new LineDrawing(networks)::of);
  }

  /** The same with the weights of sk_model2.pth. */
  private static AnnotatorProvider lineartCoarse() {
    return Specification.named("lineart_coarse", "Coarse line drawing, white on black.")
        .controls(LINEART)
        .weights("lllyasviel/Annotators/sk_model2.pth")
        .invertedPreview()
        .drawing((options, networks) -> new LineDrawing(networks)::of);
  }

  /**
   * A line drawing of an anime picture by a U-Net of pix2pix (arXiv 1611.07004); equal to {@code
   * LineartAnimeDetector} of controlnet_aux.
   */
  private static AnnotatorProvider lineartAnime() {
    return Specification.named("lineart_anime", "Line drawing for anime, white on black.")
        .controls(LINEART_ANIME)
        .weights("lllyasviel/Annotators/netG.pth")
        .invertedPreview()
        .drawing((options, networks) -> new AnimeLines(networks)::of);
  }

  /**
   * Also called manga line: the lines of manga and anime without screentones (C. Li, X. Liu and
   * T.-T. Wong, "Deep extraction of manga structural lines", 2017); equal to {@code
   * lineart_anime_denoise} of sd-webui-controlnet.
   */
  private static AnnotatorProvider lineartAnimeDenoise() {
    return Specification.named(
            "lineart_anime_denoise",
            "Lines of manga and anime without screentones, white on black.")
        .aliases("manga_line")
        .controls(LINEART_ANIME)
        .weights("lllyasviel/Annotators/erika.pth")
        .invertedPreview()
        .drawing((options, networks) -> new MangaLines(networks)::of);
  }

  /**
   * Dark lines by how much darker they are than a Gaussian blur of the picture, scaled so that the
   * typical line is at half brightness. Equal to {@code lineart_standard} of sd-webui-controlnet,
   * which has no options, and at other values to {@code LineartStandardDetector} of controlnet_aux,
   * apart from what these two do to the size.
   */
  private static AnnotatorProvider lineartStandard() {
    return Specification.named("lineart_standard", "Dark lines, white on black, without a network.")
        .controls(LINEART, LINEART_ANIME)
        .options(
            AnnotatorOption.number("sigma", 6, 0.01, 100, "Width of the blur in pixels."),
            DarkLines.threshold(8))
        .drawing(
            options -> {
              DarkLines lines = new DarkLines(options);
              return (photo, scope) -> {
                int[] levels = lines.of(photo);
                return Pixels.fill(photo.cols(), photo.rows(), i -> Pixels.grey(levels[i]));
              };
            });
  }

  /**
   * Straight lines by M-LSD (G. Gu et al., arXiv 2106.00186); equal to {@code MLSDdetector} of
   * controlnet_aux.
   */
  private static AnnotatorProvider mlsd() {
    return Specification.named("mlsd", "Straight lines, white on black, by M-LSD.")
        .controls("control_v11p_sd15_mlsd", "control_sd15_mlsd")
        .weights(
            "lllyasviel/Annotators/mlsd_large_512_fp32.pth",
            "lllyasviel/ControlNet/annotator/ckpts/mlsd_large_512_fp32.pth")
        .options(
            AnnotatorOption.number(
                "score", 0.1, 0.01, 2, "Lines of which the network is less sure are left out."),
            AnnotatorOption.number(
                "distance", 0.1, 0.01, 20, "Lines that are shorter, in pixels / 2, are left out."))
        .invertedPreview()
        .drawing(
            (options, networks) -> {
              StraightLines lines =
                  new StraightLines(options.number("score"), options.number("distance"));
              LoadedNetwork network = networks.load(new MlsdNetwork());
              return (photo, scope) -> {
                Mat padded = scope.keep(Planes.padded(photo, MULTIPLE));
                FloatTensor found =
                    network.run(Planes.rgb(padded, (level, channel) -> level / 127.5f - 1f)).get(0);
                return lines.draw(found, photo.cols(), photo.rows(), scope);
              };
            });
  }
}
