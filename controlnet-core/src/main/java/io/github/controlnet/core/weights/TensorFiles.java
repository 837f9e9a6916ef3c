package io.github.controlnet.core.weights;

import java.nio.file.Path;

/** Opens a weights file by what is in it, whatever its name. */
final class TensorFiles {
  private TensorFiles() {}

  static TensorFile open(Path path) {
    PositionalFile file = PositionalFile.open(path);
    return SafetensorsFile.open(file);
  }
}
