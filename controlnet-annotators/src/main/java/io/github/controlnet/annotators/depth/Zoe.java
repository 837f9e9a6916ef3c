package io.github.controlnet.annotators.depth;

import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.networks.ZoeNetwork;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Pixels;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.annotators.support.Networks;
import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.opencv.core.Core;
import org.opencv.core.Mat;
import org.opencv.core.Rect;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * Depth, the nearest white, by ZoeDepth (S. Bhat et al., arXiv 2302.12288); equal to {@code
 * ZoeDetector} of controlnet_aux. The photograph and its mirror image are read, each with a
 * reflected margin, at a size that does not depend on the photograph's.
 */
final class Zoe {
  private static final int MULTIPLE = 32;
  static final AnnotatorOption INPUT_SIZE =
      AnnotatorOption.integer(
          "input_size",
          384,
          MULTIPLE,
          1536,
          "About the height of what the network sees, at a width of four thirds of it; trained with 384.");

  private static final int MARGIN = 3;
  private static final int NEAREST_PERCENT = 2;
  private static final int FARTHEST_PERCENT = 85;
  private static final long BYTES_PER_PIXEL = 4096;

  /** 16 heads add float32 scores for every two patches of 256 pixels, in two copies. */
  private static final long PIXELS_PER_BYTE_OF_SCORES = 256L * 256 / (2 * 16 * Float.BYTES);

  private final Networks networks;
  private final LoadedNetwork network;
  private final int inputSize;

  Zoe(Networks networks, AnnotatorOptions options) {
    this.networks = networks;
    this.network = networks.load(new ZoeNetwork());
    this.inputSize = options.integer(INPUT_SIZE.name());
  }

  BufferedImage of(Mat photo, MatScope scope) {
    Mat mirrored = scope.create();
    Core.flip(photo, mirrored, 1);
    Mat metres = metres(photo, scope);
    Mat others = metres(mirrored, scope);
    Core.flip(others, others, 1);
    Core.addWeighted(metres, 0.5, others, 0.5, 0, metres);
    float[] values = Planes.values(metres);
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    float near = percentile(sorted, NEAREST_PERCENT);
    float range = percentile(sorted, FARTHEST_PERCENT) - near;
    return Pixels.fill(
        photo.cols(),
        photo.rows(),
        i -> {
          float share = range > 0 ? (values[i] - near) / range : 1;
          return Pixels.grey(Planes.level((1f - share) * 255f));
        });
  }

  /** Depth at the photograph's size. */
  private Mat metres(Mat photo, MatScope scope) {
    int down = margin(photo.rows());
    int along = margin(photo.cols());
    Mat framed = scope.create();
    Core.copyMakeBorder(photo, framed, down, down, along, along, Core.BORDER_REFLECT_101);
    FloatTensor picture = Planes.rgb(framed, (level, channel) -> level / 127.5f - 1f);
    Size size = seenSize(framed.size());
    int columns = (int) size.width;
    int rows = (int) size.height;
    long pixels = (long) columns * rows;
    networks.requireMemory(
        columns, rows, BYTES_PER_PIXEL + pixels / PIXELS_PER_BYTE_OF_SCORES, INPUT_SIZE.name());
    FloatTensor found = network.run(CornerAligned.resize(picture, rows, columns)).get(0);
    Mat whole = scope.create();
    Imgproc.resize(scope.keep(Planes.mat(found)), whole, framed.size(), 0, 0, Imgproc.INTER_CUBIC);
    Rect inside = new Rect(along, down, photo.cols(), photo.rows());
    return scope.keep(scope.keep(whole.submat(inside)).clone());
  }

  private static int margin(int side) {
    return (int) (Math.sqrt(side / 2.0) * MARGIN);
  }

  /** Brings that side to what was asked for which changes the picture's size less. */
  private Size seenSize(Size size) {
    double down = inputSize / size.height;
    int width = inputSize * 4 / 3;
    double along = width / size.width;
    double scale = Math.abs(1 - along) < Math.abs(1 - down) ? along : down;
    return new Size(multiple(scale * size.width), multiple(scale * size.height));
  }

  private static int multiple(double side) {
    return Math.max(MULTIPLE, (int) Math.rint(side / MULTIPLE) * MULTIPLE);
  }

  /** As numpy's: between the two nearest values in order. */
  private static float percentile(float[] sorted, int percent) {
    double place = percent / 100.0 * (sorted.length - 1);
    int before = (int) place;
    float next = sorted[Math.min(before + 1, sorted.length - 1)];
    return (float) (sorted[before] + (place - before) * (next - sorted[before]));
  }
}
