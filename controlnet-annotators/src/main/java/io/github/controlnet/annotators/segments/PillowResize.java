package io.github.controlnet.annotators.segments;

import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Size;

/**
 * Resizes photographs as detectron2's {@code ResizeShortestEdge} does with {@code
 * PIL.Image.resize(..., BILINEAR)}: bitwise equal to Pillow, whose triangle grows with the scale
 * when the picture shrinks, and which rounds to 8 bits between rows and columns.
 */
final class PillowResize {
  private static final int CHANNELS = 3;
  private static final int PRECISION = 22;

  private PillowResize() {}

  /**
   * The size at which the short side has a length, or the long side its greatest one.
   *
   * @param shortest the short side
   * @param longest of the long side, at the most
   */
  static Size size(Size photo, int shortest, int longest) {
    double scale = shortest / Math.min(photo.height, photo.width);
    boolean wide = photo.height < photo.width;
    double height = wide ? shortest : scale * photo.height;
    double width = wide ? scale * photo.width : shortest;
    double greatest = Math.max(height, width);
    if (greatest > longest) {
      double smaller = longest / greatest;
      height *= smaller;
      width *= smaller;
    }
    return new Size(side(width), side(height));
  }

  /** At least 1, which Pillow insists on. */
  private static int side(double length) {
    return Math.max(1, (int) (length + 0.5));
  }

  /**
   * Resizes a picture; the caller releases the result.
   *
   * @param photo 8 bits, three channels
   */
  static Mat bilinear(Mat photo, Size size) {
    int columns = photo.cols();
    int rows = photo.rows();
    byte[] samples = new byte[rows * columns * CHANNELS];
    photo.get(0, 0, samples);
    int width = (int) size.width;
    int height = (int) size.height;
    byte[] wide = width == columns ? samples : resizeRows(samples, rows, columns, width);
    byte[] resized = height == rows ? wide : resizeColumns(wide, rows, width, height);
    Mat mat = new Mat(height, width, CvType.CV_8UC3);
    mat.put(0, 0, resized);
    return mat;
  }

  private static byte[] resizeRows(byte[] samples, int rows, int columns, int width) {
    byte[] result = new byte[rows * width * CHANNELS];
    for (int column = 0; column < width; column++) {
      Taps taps = Taps.of(column, columns, width);
      for (int row = 0; row < rows; row++) {
        int from = (row * columns + taps.first) * CHANNELS;
        int to = (row * width + column) * CHANNELS;
        for (int channel = 0; channel < CHANNELS; channel++) {
          result[to + channel] = taps.mean(samples, from + channel, CHANNELS);
        }
      }
    }
    return result;
  }

  private static byte[] resizeColumns(byte[] samples, int rows, int width, int height) {
    int stride = width * CHANNELS;
    byte[] result = new byte[height * stride];
    for (int row = 0; row < height; row++) {
      Taps taps = Taps.of(row, rows, height);
      for (int i = 0; i < stride; i++) {
        result[row * stride + i] = taps.mean(samples, taps.first * stride + i, stride);
      }
    }
    return result;
  }

  /** The pixels that one pixel of the result is the mean of, and their weights. */
  private static final class Taps {
    private final int first;
    private final int[] weights;

    private Taps(int first, int[] weights) {
      this.first = first;
      this.weights = weights;
    }

    static Taps of(int at, int length, int resizedLength) {
      double scale = (double) length / resizedLength;
      double reach = Math.max(scale, 1);
      double middle = (at + 0.5) * scale;
      int first = Math.max(0, (int) (middle - reach + 0.5));
      int end = Math.min(length, (int) (middle + reach + 0.5));
      double[] shares = new double[end - first];
      double sum = 0;
      for (int i = 0; i < shares.length; i++) {
        double distance = Math.abs((i + first - middle + 0.5) * (1 / reach));
        shares[i] = Math.max(0, 1 - distance);
        sum += shares[i];
      }
      int[] weights = new int[shares.length];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (int) (0.5 + shares[i] / sum * (1 << PRECISION));
      }
      return new Taps(first, weights);
    }

    byte mean(byte[] samples, int from, int step) {
      int sum = 1 << (PRECISION - 1);
      int at = from;
      for (int weight : weights) {
        sum += (samples[at] & 0xff) * weight;
        at += step;
      }
      return (byte) Math.min(255, sum >> PRECISION);
    }
  }
}
