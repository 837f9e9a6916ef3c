package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.network.UniformerNetwork;
import io.github.controlnet.core.torch.FloatTensor;
import io.github.controlnet.image.Resampling;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.function.UnaryOperator;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * The annotator {@code seg_ufade20k}: what every pixel belongs to, as one of ADE20K's 150 classes
 * in its colour, by UniFormer (K. Li et al., arXiv 2201.09450); equal to {@code UniformerDetector}
 * of github.com/lllyasviel/ControlNet at ed85cd1e25a5ed592f7d8178495b4483de0331bf. As there, the
 * network gets blue for red.
 */
public final class UniformerProvider extends LearnedProvider {
  private static final int LEAST_SIZE = 32;

  /** The long side is at the most so many times the input size. */
  private static final int LONGEST = 4;

  private static final int LAST_CHANNEL = 2;
  private static final int BYTES_PER_PIXEL = 2048;

  private static final AnnotatorOption INPUT_SIZE =
      AnnotatorOption.integer(
          "input_size",
          512,
          LEAST_SIZE,
          2048,
          "The short side of what the network sees; trained with 512, greater ones show finer detail.");

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public UniformerProvider() {
    super(
        "seg_ufade20k",
        "What every pixel belongs to, in the colours of ADE20K's classes, by UniFormer.",
        List.of(
            "lllyasviel/Annotators/upernet_global_small.pth",
            "lllyasviel/ControlNet/annotator/ckpts/upernet_global_small.pth"),
        INPUT_SIZE);
  }

  @Override
  public List<String> aliases() {
    return List.of("segmentation", "seg");
  }

  @Override
  public List<String> controls() {
    return List.of("control_v11p_sd15_seg", "control_sd15_seg");
  }

  @Override
  public Resampling resampling() {
    return Resampling.NEAREST;
  }

  /** Of the photograph; what the network needs depends on the input size. */
  @Override
  long bytesPerPixel() {
    return 64;
  }

  @Override
  public Annotator create(AnnotatorOptions options) {
    int inputSize = options.integer(INPUT_SIZE.name());
    Palette palette = Palette.ade20k();
    return LearnedAnnotator.open(
        this,
        options,
        UnaryOperator.identity(),
        new UniformerNetwork(),
        (photo, network, scope) -> draw(photo, network, inputSize, palette, scope));
  }

  private BufferedImage draw(
      Mat photo, Networks.Loaded network, int inputSize, Palette palette, MatScope scope) {
    Size size = inputSize(photo.size(), inputSize);
    int columns = (int) size.width;
    int rows = (int) size.height;
    Memory.requireInput(name(), columns, rows, BYTES_PER_PIXEL, INPUT_SIZE.name());
    Mat resized = scope.create();
    Imgproc.resize(photo, resized, size);
    FloatTensor logits = network.run(Planes.bgr(resized, UniformerProvider::input)).get(0);
    return palette.paint(
        Labels.likeliest(logits, scope, size, photo.size()), photo.cols(), photo.rows());
  }

  /** The photograph as large as it fits, which the network's coarsest map needs a pixel of. */
  private static Size inputSize(Size photo, int inputSize) {
    double scale =
        Math.min(
            LONGEST * inputSize / Math.max(photo.width, photo.height),
            inputSize / Math.min(photo.width, photo.height));
    return new Size(side(photo.width * scale), side(photo.height * scale));
  }

  private static int side(double scaled) {
    return Math.max(LEAST_SIZE, (int) (scaled + 0.5));
  }

  private static float input(int level, int channel) {
    return ImageNet.normalised(level / 255f, LAST_CHANNEL - channel);
  }
}
