package io.github.controlnet.cli;

import java.nio.file.Path;

/**
 * What the command runs on when it is told nothing: the bundled model and picture.
 *
 * @param base the base model
 * @param control its control
 * @param picture a photograph
 * @param tokenizer the folder of its tokenizer
 */
record Demonstration(Path base, Path control, Path picture, Path tokenizer) {

  /** Unpacks what is bundled. */
  @SuppressWarnings("DoNotCallSuggester") // until a model is bundled
  static Demonstration bundled() {
    throw new CommandFailure("No model is bundled yet; name one with --base.");
  }
}
