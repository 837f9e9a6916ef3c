package io.github.controlnet.annotators.raster;

import io.github.controlnet.core.torch.FloatTensor;
import java.awt.image.BufferedImage;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;

/** Pictures as the networks take them, channel after channel, and what they give back. */
public final class Planes {
  private static final int LEVELS = 256;

  private Planes() {}

  /** The value that a network gets for a level. */
  @FunctionalInterface
  public interface Scale {
    /**
     * Converts a level.
     *
     * @param level 0 to 255
     * @param channel 0 red, 1 green, 2 blue
     */
    float of(int level, int channel);
  }

  /** Channels R, G, B. */
  public static FloatTensor rgb(Mat photo, Scale scale) {
    return planes(photo, scale, 0, 1, 2);
  }

  /** Channels B, G, R. */
  public static FloatTensor bgr(Mat photo, Scale scale) {
    return planes(photo, scale, 2, 1, 0);
  }

  /** One channel of levels 0 to 255. */
  public static FloatTensor grey(Mat photo) {
    byte[] samples = new byte[photo.rows() * photo.cols()];
    photo.get(0, 0, samples);
    float[] values = new float[samples.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = samples[i] & 0xff;
    }
    return new FloatTensor(values, 1, 1, photo.rows(), photo.cols());
  }

  private static FloatTensor planes(Mat photo, Scale scale, int... order) {
    int pixels = photo.rows() * photo.cols();
    byte[] samples = new byte[3 * pixels];
    photo.get(0, 0, samples);
    float[] values = new float[3 * pixels];
    float[] table = new float[LEVELS];
    for (int plane = 0; plane < 3; plane++) {
      int channel = order[plane];
      for (int level = 0; level < LEVELS; level++) {
        table[level] = scale.of(level, channel);
      }
      for (int i = 0; i < pixels; i++) {
        values[plane * pixels + i] = table[samples[3 * i + channel] & 0xff];
      }
    }
    return new FloatTensor(values, 1, 3, photo.rows(), photo.cols());
  }

  /** The channels of a matrix of float32, one after another. */
  public static FloatTensor of(Mat mat) {
    float[] samples = values(mat);
    int channels = mat.channels();
    int pixels = samples.length / channels;
    float[] planes = new float[samples.length];
    for (int i = 0; i < samples.length; i++) {
      planes[i % channels * pixels + i / channels] = samples[i];
    }
    return new FloatTensor(planes, 1, channels, mat.rows(), mat.cols());
  }

  /**
   * A matrix of float32 over values [..., rows, columns] of one channel; the caller releases it.
   */
  public static Mat mat(FloatTensor plane) {
    return mat(plane.values(), plane.side(-2), plane.side(-1));
  }

  public static Mat mat(float[] values, int rows, int columns) {
    Mat mat = new Mat(rows, columns, CvType.CV_32FC1);
    mat.put(0, 0, values);
    return mat;
  }

  public static float[] values(Mat mat) {
    float[] values = new float[mat.rows() * mat.cols() * mat.channels()];
    mat.get(0, 0, values);
    return values;
  }

  /** Cuts off the fraction and what lies outside 0 to 255, as numpy's clip and astype do. */
  public static int level(double value) {
    return (int) Math.max(0, Math.min(255, value));
  }

  /**
   * Repeats the last row and column of a picture until both sides are multiples of a number; what a
   * network makes of the rest is cut off again. The caller releases it.
   */
  public static Mat padded(Mat photo, int multiple) {
    Mat padded = new Mat();
    Core.copyMakeBorder(
        photo,
        padded,
        0,
        Math.floorMod(-photo.rows(), multiple),
        0,
        Math.floorMod(-photo.cols(), multiple),
        Core.BORDER_REPLICATE);
    return padded;
  }

  /** What becomes of one value that a network gave. */
  @FunctionalInterface
  public interface ToLevel {
    /** Returns 0 to 255; a fraction and what lies outside is cut off. */
    public double of(float value);
  }

  /** The upper left part of a map, grey. */
  public static BufferedImage grey(FloatTensor map, int width, int height, ToLevel toLevel) {
    int stride = map.side(-1);
    float[] values = map.values();
    return Pixels.fill(
        width, height, i -> Pixels.grey(level(toLevel.of(values[i / width * stride + i % width]))));
  }
}
