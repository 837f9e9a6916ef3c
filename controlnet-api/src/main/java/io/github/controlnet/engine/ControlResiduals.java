package io.github.controlnet.engine;

/**
 * What a control network adds to the denoiser, one tensor for each site of its {@link ControlSpec},
 * inside an engine, confined to the hint's mask. Read by several threads at will.
 */
public interface ControlResiduals extends AutoCloseable {

  /**
   * Copies one residual out.
   *
   * @param index the index of its site in {@link ControlSpec#sites()}
   * @return its values, [branches, images, channels, height, width], row-major; height and width
   *     are 1 for a control with {@link ControlSpec#globalPooling()} and no mask
   * @throws IllegalArgumentException when there is no such site
   * @throws io.github.controlnet.exception.EngineException when the residuals are closed
   */
  float[] toArray(int index);

  /** Frees them. Closing twice does nothing. */
  @Override
  void close();
}
