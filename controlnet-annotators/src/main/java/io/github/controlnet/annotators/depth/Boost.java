package io.github.controlnet.annotators.depth;

import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.networks.DepthMergeNetwork;
import io.github.controlnet.annotators.raster.MatScope;
import io.github.controlnet.annotators.raster.Planes;
import io.github.controlnet.annotators.support.LoadedNetwork;
import io.github.controlnet.annotators.support.Memory;
import io.github.controlnet.annotators.support.Networks;
import io.github.controlnet.annotators.support.WeightsFile;
import io.github.controlnet.core.torch.FloatTensor;
import java.util.List;
import org.opencv.core.Mat;
import org.opencv.core.Rect;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * Depth with finer detail than its network gives (S. Mahdi H. Miangoleh et al., arXiv 2105.14021).
 * The photograph is read small, for the whole, and large, for detail; so is each of its parts with
 * much to see; and a second network gives each coarse depth the detail of a fine one.
 */
final class Boost {
  /** What the network sees at first, to a multiple of {@link #MULTIPLE}. */
  static final AnnotatorOption INPUT_SIZE =
      AnnotatorOption.integer(
          "input_size",
          448,
          32,
          896,
          "The sides of what the network sees at first, to a multiple of 32; trained with 448, lesser ones are faster.");

  /** Of the sides of what the network of depth sees. */
  static final int MULTIPLE = 32;

  /** The greatest side at which the whole photograph is read. */
  static final int GREATEST = 1600;

  private static final Size MERGED = new Size(1024, 1024);

  /** Parts are sought in the photograph at up to five times twice the whole's side. */
  private static final double LEAST_FACTOR = 0.2;

  private static final int NETWORK_BYTES_PER_PIXEL = 1024;
  private static final int SEARCH_BYTES_PER_PIXEL = 96;

  private final String annotator;
  private final LoadedNetwork estimator;
  private final LoadedNetwork merger;
  private final int side;

  /**
   * Takes over the networks.
   *
   * @param annotator its name, for messages
   * @param estimator from what {@link Leres#input} gives to depth [1, 1, rows, columns]
   * @param merger from two maps [1, 2, 1024, 1024], each -1 to 1, to one
   * @param side the resolution that the estimator was trained with, a multiple of 32
   */
  Boost(String annotator, LoadedNetwork estimator, LoadedNetwork merger, int side) {
    this.annotator = annotator;
    this.estimator = estimator;
    this.merger = merger;
    this.side = side;
  }

  /**
   * Loads LeReS and the network that merges.
   *
   * @param merge the weights of the latter
   * @param options with {@link #INPUT_SIZE}
   */
  static Boost load(Networks networks, WeightsFile merge, AnnotatorOptions options) {
    double sides = (double) options.integer(INPUT_SIZE.name()) / MULTIPLE;
    return new Boost(
        networks.annotator(),
        Leres.load(networks),
        networks.load(merge, new DepthMergeNetwork()),
        (int) Math.rint(sides) * MULTIPLE);
  }

  /**
   * Finds the depth of a photograph.
   *
   * @param photo 8-bit R, G, B
   * @return depth of unknown scale, float32, of the photograph's size
   */
  Mat depth(Mat photo, MatScope scope) {
    BoostResolution best = BoostResolution.of(photo, side);
    require(photo, (long) best.side() * best.side() * NETWORK_BYTES_PER_PIXEL);
    Mat whole = scope.keep(square(doubleEstimate(photo, best.side())));
    if (Math.max(photo.cols(), photo.rows()) < best.side()) {
      return resized(whole, photo.size(), scope);
    }
    double factor = Math.max(Math.min(1, 4 * best.share() * best.side() / GREATEST), LEAST_FACTOR);
    Size large = large(photo, 2 * best.side(), factor);
    require(photo, (long) (large.area() * SEARCH_BYTES_PER_PIXEL));
    try (MatScope inner = new MatScope()) {
      Mat enlarged = resized(photo, large, inner);
      List<Rect> parts = new BoostParts(enlarged, 2 * side, factor).find();
      // parts are found at the large size and merged at the photograph's, but for a rounding
      double scale = photo.rows() / large.height;
      Size size = new Size(Math.rint(large.width * scale), Math.rint(large.height * scale));
      Mat seen = resized(enlarged, size, inner);
      Mat base = resized(whole, size, inner);
      Mat result = inner.keep(base.clone());
      for (Rect part : parts) {
        scope.checkCancelled();
        refine(seen, base, result, scaled(part, scale, size));
      }
      return resized(result, photo.size(), scope);
    }
  }

  private void require(Mat photo, long bytes) {
    Memory.require(
        annotator,
        photo.cols(),
        photo.rows(),
        bytes,
        "give a smaller detect resolution (--resolution, withDetectResolution) or input_size");
  }

  /** The photograph's size with a long side of so many pixels divided by a factor. */
  private static Size large(Mat photo, int longSide, double factor) {
    double rows = longSide;
    double columns = longSide;
    if (photo.rows() > photo.cols()) {
      columns = Math.rint((double) longSide * photo.cols() / photo.rows());
    } else {
      rows = Math.rint((double) longSide * photo.rows() / photo.cols());
    }
    return new Size(
        Math.max(1, Math.rint(columns / factor)), Math.max(1, Math.rint(rows / factor)));
  }

  private static Rect scaled(Rect part, double scale, Size within) {
    int x = (int) Math.rint(part.x * scale);
    int y = (int) Math.rint(part.y * scale);
    int width = (int) Math.rint(part.width * scale);
    int height = (int) Math.rint(part.height * scale);
    return new Rect(
        x, y, Math.min(width, (int) within.width - x), Math.min(height, (int) within.height - y));
  }

  /**
   * Merges what is seen in a part into the result.
   *
   * @param base the depth of the whole before the first part
   */
  private void refine(Mat seen, Mat base, Mat result, Rect part) {
    try (MatScope scope = new MatScope()) {
      float[] fine = doubleEstimate(scope.keep(seen.submat(part)), 2 * side);
      float[] coarse = Planes.values(resized(scope.keep(base.submat(part)), MERGED, scope));
      float[] merged = merge(coarse, fine);
      fit(merged, coarse);
      float[] values = Planes.values(resized(scope.keep(square(merged)), part.size(), scope));
      Mat place = scope.keep(result.submat(part));
      float[] before = Planes.values(place);
      float[] along = BoostWindow.of(part.width, scope);
      float[] down = BoostWindow.of(part.height, scope);
      for (int i = 0; i < values.length; i++) {
        float share = down[i / part.width] * along[i % part.width];
        values[i] = before[i] * (1 - share) + values[i] * share;
      }
      place.put(0, 0, values);
    }
  }

  /**
   * Replaces values by those of the line that brings them closest to others. Where they differ
   * little from their mean, the slope is not determined well: then, as numpy's polyfit does for
   * float32, of all lines that fit as well along the one direction that is, the shortest is taken.
   */
  static void fit(float[] values, float[] others) {
    int count = values.length;
    double squares = 0;
    double sum = 0;
    double product = 0;
    double target = 0;
    for (int i = 0; i < count; i++) {
      squares += (double) values[i] * values[i];
      sum += values[i];
      product += (double) values[i] * others[i];
      target += others[i];
    }
    // columns of length 1: the values and the ones; their singular values are sqrt(1 +- cosine)
    double length = Math.sqrt(squares);
    double ones = Math.sqrt(count);
    double cosine = length > 0 ? sum / (length * ones) : 0;
    double first = length > 0 ? product / length : 0;
    double second = target / ones;
    double slope;
    double offset;
    double least = count * Math.ulp(1f);
    double small = Math.sqrt(1 - Math.abs(cosine));
    if (small > least * Math.sqrt(1 + Math.abs(cosine))) {
      double determinant = 1 - cosine * cosine;
      slope = (first - cosine * second) / determinant;
      offset = (second - cosine * first) / determinant;
    } else {
      double sign = Math.signum(cosine);
      slope = (first + sign * second) / 2 / (1 + Math.abs(cosine));
      offset = sign * slope;
    }
    slope = length > 0 ? slope / length : 0;
    offset /= ones;
    for (int i = 0; i < count; i++) {
      values[i] = (float) (slope * values[i] + offset);
    }
  }

  /** Reads a picture small and large and merges what is seen; 0 to 1, 1024 x 1024. */
  private float[] doubleEstimate(Mat picture, int large) {
    float[] coarse = estimate(picture, side);
    float[] fine = large == side ? coarse : estimate(picture, large);
    return RelativeDepth.share(merge(coarse, fine));
  }

  private static Mat square(float[] values) {
    return Planes.mat(values, (int) MERGED.height, (int) MERGED.width);
  }

  private float[] estimate(Mat picture, int sides) {
    try (MatScope scope = new MatScope()) {
      Mat seen = scope.create();
      Imgproc.resize(picture, seen, new Size(sides, sides));
      FloatTensor depth = estimator.run(Leres.input(seen)).get(0);
      Mat own = resized(scope.keep(Planes.mat(depth)), picture.size(), scope);
      return Planes.values(resized(own, MERGED, scope));
    }
  }

  /** Gives a coarse map the detail of a fine one; 0 to 1. */
  private float[] merge(float[] coarse, float[] fine) {
    int count = coarse.length;
    float[] both = new float[2 * count];
    float[] outer = RelativeDepth.share(coarse);
    float[] inner = RelativeDepth.share(fine);
    for (int i = 0; i < count; i++) {
      both[i] = outer[i] * 2 - 1;
      both[count + i] = inner[i] * 2 - 1;
    }
    float[] merged =
        merger
            .run(new FloatTensor(both, 1, 2, (long) MERGED.height, (long) MERGED.width))
            .get(0)
            .values()
            .clone();
    for (int i = 0; i < count; i++) {
      merged[i] = (merged[i] + 1) / 2;
    }
    return merged;
  }

  private static Mat resized(Mat mat, Size size, MatScope scope) {
    Mat result = scope.create();
    Imgproc.resize(mat, result, size, 0, 0, Imgproc.INTER_CUBIC);
    return result;
  }
}
