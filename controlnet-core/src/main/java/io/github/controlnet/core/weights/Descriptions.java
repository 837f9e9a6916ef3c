package io.github.controlnet.core.weights;

import java.util.ArrayList;
import java.util.List;

/** Words for messages. */
final class Descriptions {
  private Descriptions() {}

  /** What there is instead of what was wanted. */
  static String contents(ModelFiles files) {
    List<String> words = new ArrayList<>();
    files.parts().forEach(part -> words.add("a " + part.displayName()));
    files
        .rest()
        .forEach((label, names) -> words.add("%d %s tensors".formatted(names.size(), label)));
    files
        .files()
        .forEach(
            file -> {
              if (!file.foreign().isEmpty()) {
                words.add(
                    "%d tensors of the unsupported number type %s"
                        .formatted(
                            file.foreign().size(), file.foreign().values().iterator().next()));
              }
            });
    return words.isEmpty() ? "no tensors" : String.join(", ", words);
  }
}
