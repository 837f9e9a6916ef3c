package io.github.controlnet.spi.annotator;

import java.awt.image.BufferedImage;

/**
 * Turns photographs into control maps. One object serves many threads and gives the same map for
 * the same photograph, always.
 */
public interface Annotator extends AutoCloseable {

  /**
   * Makes the control map of a photograph.
   *
   * @param photo 8-bit RGB ({@link BufferedImage#TYPE_INT_RGB}), already at the detect resolution;
   *     not to be changed
   * @return the map, of the same size as the photograph unless the annotator says otherwise
   */
  Annotation annotate(BufferedImage photo);

  /** Frees what the annotator holds. Closing twice does nothing. */
  @Override
  default void close() {}
}
