package io.github.controlnet.annotators;

/** Mean and standard deviation of the pictures of ImageNet, by which many networks normalise. */
final class ImageNet {
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};

  private ImageNet() {}

  /**
   * Normalises a value.
   *
   * @param place of the channel in the network's input, 0 to 2
   */
  static float normalised(float value, int place) {
    return (value - MEAN[place]) / DEVIATION[place];
  }
}
