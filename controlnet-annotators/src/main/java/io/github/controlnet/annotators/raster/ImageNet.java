package io.github.controlnet.annotators.raster;

import org.opencv.core.Scalar;

/** Mean and standard deviation of the pictures of ImageNet, by which many networks normalise. */
public final class ImageNet {
  private static final double[] MEAN = {0.485, 0.456, 0.406};
  private static final double[] DEVIATION = {0.229, 0.224, 0.225};

  private ImageNet() {}

  /**
   * Normalises a value.
   *
   * @param place of the channel in the network's input, 0 to 2
   */
  public static float normalised(float value, int place) {
    return (value - (float) MEAN[place]) / (float) DEVIATION[place];
  }

  /** The means of red, green and blue. */
  public static Scalar mean() {
    return new Scalar(MEAN);
  }

  /** The deviations of red, green and blue. */
  public static Scalar deviation() {
    return new Scalar(DEVIATION);
  }
}
