package io.github.controlnet.spi.engine;

/** Text states [texts, positions, width] inside an engine. */
public interface TextStates extends AutoCloseable {

  /**
   * Copies the states out.
   *
   * @return all values, row-major
   */
  float[] toArray();

  /** Frees them. Closing twice does nothing. */
  @Override
  void close();
}
