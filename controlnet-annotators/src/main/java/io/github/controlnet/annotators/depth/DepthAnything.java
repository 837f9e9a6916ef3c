package io.github.controlnet.annotators.depth;

import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.networks.DepthAnythingNetwork;
import io.github.controlnet.annotators.raster.ImageNet;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.annotators.support.Networks;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * Depth by Depth Anything, the nearest white; equal to {@code DepthAnythingForDepthEstimation} of
 * Hugging Face's transformers. Prepared and drawn as sd-webui-controlnet does, but with red and
 * blue in their places, which that program exchanges.
 */
final class DepthAnything {
  private static final int MULTIPLE = 14;
  private static final int GREATEST_SIZE = 148 * MULTIPLE;
  private static final int BYTES_PER_PIXEL = 2048;

  static final AnnotatorOption INPUT_SIZE =
      AnnotatorOption.integer(
          "input_size",
          518,
          MULTIPLE,
          GREATEST_SIZE,
          "The short side of what the network sees; greater ones show finer detail.");

  private final Networks networks;
  private final LoadedNetwork network;
  private final int inputSize;

  DepthAnything(Networks networks, AnnotatorOptions options, DepthAnythingNetwork.Version version) {
    this.networks = networks;
    this.network = networks.load(new DepthAnythingNetwork(version));
    this.inputSize = options.integer(INPUT_SIZE.name());
  }

  BufferedImage of(Mat photo, MatScope scope) {
    double scale = Math.max((double) inputSize / photo.cols(), (double) inputSize / photo.rows());
    int columns = multiple(scale * photo.cols());
    int rows = multiple(scale * photo.rows());
    networks.requireMemory(columns, rows, BYTES_PER_PIXEL, INPUT_SIZE.name());
    Mat resized = scope.create();
    photo.convertTo(resized, CvType.CV_32F, 1 / 255.0);
    Imgproc.resize(resized, resized, new Size(columns, rows), 0, 0, Imgproc.INTER_CUBIC);
    Core.subtract(resized, ImageNet.mean(), resized);
    Core.divide(resized, ImageNet.deviation(), resized);
    FloatTensor nearness = network.run(Planes.of(resized)).get(0);
    Mat map = scope.create();
    Imgproc.resize(scope.keep(Planes.mat(nearness)), map, photo.size());
    return RelativeDepth.map(Planes.values(map), photo.cols(), photo.rows());
  }

  /** The nearest multiple, but no less than the wanted size. */
  private int multiple(double side) {
    int nearest = (int) Math.rint(side / MULTIPLE) * MULTIPLE;
    return nearest < inputSize ? (int) Math.ceil(side / MULTIPLE) * MULTIPLE : nearest;
  }
}
