package io.github.controlnet.internal;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;

/**
 * An image that a value of this library keeps: it was copied once and nobody changes it, so that
 * several values may hold it.
 */
final class KeptImage extends BufferedImage {
  private KeptImage(BufferedImage of, WritableRaster samples) {
    super(of.getColorModel(), samples, of.isAlphaPremultiplied(), null);
  }

  /** Copies an image with its kind of pixels; one that is kept already stays as it is. */
  static KeptImage of(BufferedImage image) {
    if (image instanceof KeptImage kept) {
      return kept;
    }
    WritableRaster samples =
        image.getRaster().createCompatibleWritableRaster(image.getWidth(), image.getHeight());
    image.copyData(samples);
    return new KeptImage(image, samples);
  }
}
