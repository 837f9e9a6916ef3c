package io.github.controlnet.core.weights;

import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.models.ClipText;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.WeightsException;
import java.nio.file.Path;
import java.util.Optional;

/** The weights of a separate text encoder, a CLIP text model, from a file or a folder. */
final class TextEncoderWeights implements AutoCloseable {
  private final ModelFiles files;
  private final TextEncoderSpec architecture;

  private TextEncoderWeights(ModelFiles files) {
    this.files = files;
    this.architecture =
        TextEncoderReader.read(
            files.what(Role.TEXT_ENCODER),
            files.weights(Role.TEXT_ENCODER),
            files.config().textEncoder());
  }

  /**
   * Opens a text encoder.
   *
   * @param path a file of any supported format, a text encoder's folder, or a whole base model, of
   *     which it takes the text encoder
   * @param config the configuration that the user named, which may tell of other parts
   * @throws WeightsException when the file is missing, damaged, unsafe, incomplete or no CLIP text
   *     model
   */
  static TextEncoderWeights open(Path path, Optional<ConfigFiles> config) {
    ModelFiles files = ModelFiles.openPart(path, config, Role.TEXT_ENCODER);
    try {
      files.requireUsable();
      if (!files.has(Role.TEXT_ENCODER)) {
        throw new WeightsException(
            "%s is not a CLIP text encoder: it has %s. Give a text encoder's file or folder."
                .formatted(path, Descriptions.contents(files)));
      }
      return new TextEncoderWeights(files);
    } catch (Throwable e) {
      Closing.closeAfter(e, files);
      throw e;
    }
  }

  TextEncoderSpec architecture() {
    return architecture;
  }

  /** Exactly the tensors of {@link ClipText#shapes(TextEncoderSpec)}. */
  WeightSource weights() {
    return files.weights(Role.TEXT_ENCODER);
  }

  @Override
  public void close() {
    files.close();
  }
}
