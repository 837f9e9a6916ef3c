package io.github.controlnet.core.weights;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Parts that take the place of a base model's own, which then need not be there.
 *
 * @param autoencoder a file or folder with an autoencoder (VAE)
 * @param textEncoder a file or folder with a text encoder
 */
public record SeparateParts(Optional<Path> autoencoder, Optional<Path> textEncoder) {
  /** Nothing is separate. */
  public static final SeparateParts NONE = new SeparateParts(Optional.empty(), Optional.empty());
}
