package io.github.controlnet.image;

import java.io.IOException;

/**
 * An image file is of a kind that is known and not read. The message goes on after the image's
 * name: "is a JPEG with ...".
 */
final class PictureException extends IOException {
  private static final long serialVersionUID = 1;

  PictureException(String message) {
    super(message);
  }
}
