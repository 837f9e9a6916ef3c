package io.github.controlnet.core.weights;

import io.github.controlnet.core.files.FloatFormats;
import io.github.controlnet.core.files.FloatTensors;
import io.github.controlnet.core.files.TensorFile;
import io.github.controlnet.core.files.TensorFiles;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/**
 * Reads the vectors of a textual inversion: the original's and AUTOMATIC1111's {@code .pt} files
 * ({@code string_to_param}), diffusers' {@code learned_embeds.bin} and safetensors of either.
 */
public final class TextualInversionFile {
  /** The key of safetensors that AUTOMATIC1111's web page writes. */
  private static final String PARAMETERS = "emb_params";

  private static final int MOST_VECTORS = 75;

  private TextualInversionFile() {}

  /**
   * Reads a file.
   *
   * @param path the file
   * @param width values of a token embedding in the base
   * @return the vectors, at least one
   * @throws WeightsException when the file cannot be read, is no embedding, or is for another base
   */
  public static float[][] read(Path path, int width) {
    try (TensorFile file = TensorFiles.open(path)) {
      Map<String, TensorInfo> tensors = file.tensors();
      if (tensors.isEmpty()) {
        throw new WeightsException(
            "%s is no embedding: it holds %s; expected one tensor of floats, the vectors of a textual inversion."
                .formatted(
                    path,
                    file.foreign().isEmpty()
                        ? "no tensors"
                        : "tensors of the unsupported number type "
                            + file.foreign().values().iterator().next()));
      }
      String name =
          tensors.containsKey(PARAMETERS) ? PARAMETERS : tensors.keySet().iterator().next();
      if (tensors.size() > 1 && !name.equals(PARAMETERS)) {
        throw new WeightsException(
            "%s is no embedding for this base: it holds %d tensors (%s ...); expected one, the vectors of a textual inversion for Stable Diffusion 1.x."
                .formatted(path, tensors.size(), name));
      }
      TensorInfo info = Objects.requireNonNull(tensors.get(name));
      int sides = info.shape().size();
      if (sides < 1 || sides > 2 || !FloatFormats.isFloat(info.dtype())) {
        throw new WeightsException(
            "%s is no embedding: its tensor %s is %s of shape %s; expected floats, [vectors, %d]."
                .formatted(path, name, info.dtype(), info.shape(), width));
      }
      long vectors = sides == 1 ? 1 : info.shape().get(0);
      if (info.shape().get(sides - 1) != width) {
        throw new WeightsException(
            "%s has vectors of %d values, the text encoder of the base takes %d; the embedding was made for another kind of model."
                .formatted(path, info.shape().get(sides - 1), width));
      }
      if (vectors < 1 || vectors > MOST_VECTORS) {
        throw new WeightsException(
            "%s has %d vectors; expected 1 to %d, the tokens of a prompt."
                .formatted(path, vectors, MOST_VECTORS));
      }
      return values(file, name, info, (int) vectors, width);
    }
  }

  private static float[][] values(
      TensorFile file, String name, TensorInfo info, int vectors, int width) {
    float[] all = FloatTensors.read(file, name, info);
    float[][] result = new float[vectors][];
    for (int i = 0; i < vectors; i++) {
      result[i] = Arrays.copyOfRange(all, i * width, (i + 1) * width);
    }
    return result;
  }
}
