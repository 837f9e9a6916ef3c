package io.github.controlnet.engine;

/**
 * A network whose weights can be brought into memory and let go. When that happens is decided by
 * the pipeline's offload policy, not by the engine.
 */
public interface Component extends AutoCloseable {

  /**
   * Brings the weights into memory. Does nothing when they are there.
   *
   * @throws io.github.controlnet.exception.WeightsException when they cannot be read
   * @throws io.github.controlnet.exception.EngineException when there is not enough memory
   */
  void load();

  /**
   * Lets the weights go; the memory is free when this returns. Does nothing when they are not
   * there.
   */
  void release();

  /**
   * Tells whether the weights are in memory.
   *
   * @return true between {@link #load()} and {@link #release()}
   */
  boolean isResident();

  /** Releases the weights for good. Closing twice does nothing. */
  @Override
  void close();
}
