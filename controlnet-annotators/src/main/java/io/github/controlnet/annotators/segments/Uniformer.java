package io.github.controlnet.annotators.segments;

import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.networks.UniformerNetwork;
import io.github.controlnet.annotators.raster.ImageNet;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.annotators.support.Networks;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * What every pixel belongs to, as one of ADE20K's 150 classes in its colour, by UniFormer (K. Li et
 * al., arXiv 2201.09450); equal to {@code UniformerDetector} of github.com/lllyasviel/ControlNet at
 * ed85cd1e25a5ed592f7d8178495b4483de0331bf. As there, the network gets blue for red.
 */
final class Uniformer {
  private static final int LEAST_SIZE = 32;

  /** The long side is at the most so many times the input size. */
  private static final int LONGEST = 4;

  private static final int LAST_CHANNEL = 2;
  private static final int BYTES_PER_PIXEL = 2048;

  static final AnnotatorOption INPUT_SIZE =
      AnnotatorOption.integer(
          "input_size",
          512,
          LEAST_SIZE,
          2048,
          "The short side of what the network sees; trained with 512, greater ones show finer detail.");

  private final Networks networks;
  private final LoadedNetwork network;
  private final Palette palette = Palette.ade20k();
  private final int inputSize;

  Uniformer(Networks networks, AnnotatorOptions options) {
    this.networks = networks;
    this.network = networks.load(new UniformerNetwork());
    this.inputSize = options.integer(INPUT_SIZE.name());
  }

  BufferedImage of(Mat photo, MatScope scope) {
    Size size = seenSize(photo.size());
    int columns = (int) size.width;
    int rows = (int) size.height;
    networks.requireMemory(columns, rows, BYTES_PER_PIXEL, INPUT_SIZE.name());
    Mat resized = scope.create();
    Imgproc.resize(photo, resized, size);
    FloatTensor logits = network.run(Planes.bgr(resized, Uniformer::input)).get(0);
    return palette.paint(
        Labels.likeliest(logits, scope, size, photo.size()), photo.cols(), photo.rows());
  }

  /** The photograph as large as it fits, which the network's coarsest map needs a pixel of. */
  private Size seenSize(Size photo) {
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
