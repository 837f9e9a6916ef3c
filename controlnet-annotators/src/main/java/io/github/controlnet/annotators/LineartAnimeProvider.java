package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.network.LineartAnimeNetwork;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import java.util.List;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * The annotator {@code lineart_anime}: a line drawing of an anime picture by a U-Net of pix2pix
 * (arXiv 1611.07004); equal to {@code LineartAnimeDetector} of controlnet_aux. The map is the
 * negative of what the network draws, which people see as preview.
 */
public final class LineartAnimeProvider extends LearnedProvider {
  /** The network halves eight times. */
  private static final int MULTIPLE = 256;

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public LineartAnimeProvider() {
    super(
        "lineart_anime",
        "Line drawing for anime, white on black.",
        List.of("lllyasviel/Annotators/netG.pth"));
  }

  @Override
  public List<String> controls() {
    return List.of("control_v11p_sd15s2_lineart_anime");
  }

  @Override
  boolean invertedPreview() {
    return true;
  }

  private static BufferedImage draw(Mat photo, Networks.Loaded network, MatScope scope) {
    Mat larger = scope.create();
    Size size = new Size(multiple(photo.cols()), multiple(photo.rows()));
    Imgproc.resize(photo, larger, size, 0, 0, Imgproc.INTER_CUBIC);
    FloatTensor paper =
        network.run(Planes.rgb(larger, (level, channel) -> level / 127.5f - 1f)).get(0);
    float[] values = paper.values();
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] * 127.5f + 127.5f;
    }
    Mat drawing = scope.keep(Planes.mat(paper));
    Imgproc.resize(drawing, drawing, photo.size(), 0, 0, Imgproc.INTER_CUBIC);
    float[] levels = Planes.values(drawing);
    return Pixels.fill(photo.cols(), photo.rows(), i -> Pixels.grey(255 - Planes.level(levels[i])));
  }

  private static int multiple(int side) {
    return (side + MULTIPLE - 1) / MULTIPLE * MULTIPLE;
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    return LearnedAnnotator.open(
        this,
        options,
        RenamedWeights.without("module."),
        new LineartAnimeNetwork(),
        LineartAnimeProvider::draw);
  }
}
