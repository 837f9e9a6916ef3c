package io.github.controlnet.spi.engine;

/**
 * What a control network adds to the skips and the middle of the U-Net, inside an engine, confined
 * to the hint's region.
 */
public interface ControlResiduals extends AutoCloseable {

  /**
   * Copies one residual out.
   *
   * @param index 0 for the first skip; the last is the middle block's
   * @return its values, [branches, images, channels, height, width], row-major
   */
  float[] toArray(int index);

  /** Frees them. Closing twice does nothing. */
  @Override
  void close();
}
