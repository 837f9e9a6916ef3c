package io.github.controlnet.image;

import java.awt.Dimension;
import java.io.IOException;
import javax.imageio.ImageReader;

/**
 * An image file between its bytes and Java's decoders. They get only what holds samples, since they
 * fail over, or apply, profiles and other metadata; what samples mean is decided here.
 */
interface PictureFile {
  /** Returns the file as the decoder is to see it. */
  byte[] decodable();

  /**
   * Returns the size of the image as it is stored.
   *
   * @param reader has {@link #decodable} as its input
   */
  default Dimension size(ImageReader reader) throws IOException {
    return new Dimension(reader.getWidth(0), reader.getHeight(0));
  }

  /**
   * Decodes the first image.
   *
   * @param reader has {@link #decodable} as its input
   */
  StoredPixels decode(ImageReader reader) throws IOException;
}
