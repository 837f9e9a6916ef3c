package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.network.NormalBaeNetwork;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import java.util.List;
import org.opencv.core.Mat;

/**
 * The annotator {@code normal_bae}: surface normals (G. Bae et al., arXiv 2109.09881), x, y and z
 * in red, green and blue; equal to {@code NormalBaeDetector} of controlnet_aux.
 */
public final class NormalBaeProvider extends LearnedProvider {
  private static final int MULTIPLE = 64;
  private static final long BYTES_PER_PIXEL = 4096;

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public NormalBaeProvider() {
    super(
        "normal_bae",
        "Surface normals, x, y and z in red, green and blue.",
        List.of("lllyasviel/Annotators/scannet.pt"));
  }

  @Override
  public List<String> aliases() {
    return List.of("normalbae");
  }

  @Override
  public List<String> controls() {
    return List.of("control_v11p_sd15_normalbae");
  }

  @Override
  long bytesPerPixel() {
    return BYTES_PER_PIXEL;
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    return LearnedAnnotator.open(
        this,
        options,
        RenamedWeights.without("module."),
        new NormalBaeNetwork(),
        (photo, network, scope) -> {
          Mat padded = scope.keep(Planes.padded(photo, MULTIPLE));
          return draw(
              network.run(Planes.rgb(padded, NormalBaeProvider::input)).get(0),
              photo.cols(),
              photo.rows());
        });
  }

  private static float input(int level, int channel) {
    return ImageNet.normalised(level / 255f, channel);
  }

  private static BufferedImage draw(FloatTensor normals, int width, int height) {
    int stride = normals.side(-1);
    int plane = stride * normals.side(-2);
    float[] values = normals.values();
    return Pixels.fill(
        width,
        height,
        i -> {
          int at = i / width * stride + i % width;
          return (level(values[at]) << 16)
              | (level(values[plane + at]) << 8)
              | level(values[2 * plane + at]);
        });
  }

  private static int level(float component) {
    return Planes.level((component + 1f) * 0.5f * 255f);
  }
}
