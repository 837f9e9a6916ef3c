package io.github.controlnet.model;

import io.github.controlnet.internal.Values;
import java.nio.file.Path;

/**
 * A word of one's own, learned by textual inversion (Gal et al. 2022, arXiv:2208.01618): a file
 * whose vectors stand wherever the prompt has its name.
 *
 * @param name what stands in prompts; letter case does not matter
 * @param path a {@code .pt}, {@code .bin} or {@code .safetensors} file
 */
public record TextualInversion(String name, Path path) {
  /** Checks the values. */
  public TextualInversion {
    Values.nonNull(path, "the embedding's path");
    if (Values.nonNull(name, "the embedding's name").isBlank()) {
      throw new IllegalArgumentException(
          "The embedding %s has an empty name; expected a word for prompts.".formatted(path));
    }
  }

  /**
   * Names an embedding by its file.
   *
   * @param path the file; without its ending it is the name, {@code bad-hands} for {@code
   *     bad-hands.pt}
   * @return the embedding
   */
  public static TextualInversion of(Path path) {
    Path file = Values.nonNull(path, "the embedding's path").getFileName();
    String name = file == null ? "" : file.toString();
    int dot = name.lastIndexOf('.');
    return new TextualInversion(dot > 0 ? name.substring(0, dot) : name, path);
  }
}
