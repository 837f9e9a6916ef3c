package io.github.controlnet.engine;

import java.util.Set;

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
   * Reads weights again whose values in the component's {@link WeightSource} have changed, their
   * number type perhaps too, but not their shapes. Does nothing when the weights are not in memory:
   * {@link #load()} reads all of them. Nothing else is computed meanwhile, and there are no runs.
   *
   * <p>Values that are what they were before must give the same results as before, in every bit.
   *
   * @param names the names of the weights in the source; all others are unchanged
   * @throws io.github.controlnet.exception.WeightsException when they cannot be read; nothing is in
   *     memory then
   * @throws io.github.controlnet.exception.EngineException when there is not enough memory; nothing
   *     is there then
   */
  default void reload(Set<String> names) {
    if (isResident()) {
      release();
      load();
    }
  }

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
