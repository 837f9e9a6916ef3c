package io.github.controlnet.core.weights;

import io.github.controlnet.PromptEmbeddings;
import io.github.controlnet.core.files.FloatFormats;
import io.github.controlnet.core.files.FloatTensors;
import io.github.controlnet.core.files.TensorFile;
import io.github.controlnet.core.files.TensorFiles;
import io.github.controlnet.core.tensors.Shapes;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.WeightsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Prompt embeddings that another program stored, under the names that diffusers' pipelines take
 * them by: {@code prompt_embeds} and {@code negative_prompt_embeds}.
 *
 * @param positive in place of the prompt
 * @param negative in place of the negative prompt
 */
public record PromptEmbeddingsFile(PromptEmbeddings positive, PromptEmbeddings negative) {
  private static final String POSITIVE = "prompt_embeds";
  private static final String NEGATIVE = "negative_prompt_embeds";

  /**
   * Reads a file.
   *
   * @param path safetensors, or a dictionary stored by PyTorch; both tensors floats, [tokens,
   *     width] or [1, tokens, width]
   * @return the states
   * @throws WeightsException when the file cannot be read or holds something else
   */
  public static PromptEmbeddingsFile read(Path path) {
    try (TensorFile file = TensorFiles.open(path)) {
      return new PromptEmbeddingsFile(states(file, path, POSITIVE), states(file, path, NEGATIVE));
    }
  }

  private static PromptEmbeddings states(TensorFile file, Path path, String name) {
    TensorInfo info = file.tensors().get(name);
    if (info == null) {
      throw new WeightsException(
          "%s has no %s; expected %s and %s, and it holds: %s."
              .formatted(
                  path,
                  name,
                  POSITIVE,
                  NEGATIVE,
                  Shapes.some(List.copyOf(file.tensors().keySet()))));
    }
    List<Long> shape = info.shape();
    boolean batch = shape.size() == 3 && shape.get(0) == 1;
    if (!(batch || shape.size() == 2) || !FloatFormats.isFloat(info.dtype())) {
      throw new WeightsException(
          "%s: %s is %s of shape %s; expected floats, [tokens, width] or [1, tokens, width]."
              .formatted(path, name, info.dtype(), shape));
    }
    int tokens = Math.toIntExact(Objects.requireNonNull(shape.get(shape.size() - 2)));
    int width = Math.toIntExact(Objects.requireNonNull(shape.get(shape.size() - 1)));
    float[] values = FloatTensors.read(file, name, info);
    return InvalidRequestException.checking(() -> new PromptEmbeddings(tokens, width, values));
  }
}
