package io.github.controlnet.cli;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.core.weights.PromptEmbeddingsFile;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.model.TextualInversion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How prompts are read. */
final class PromptOptions {
  @Option(
      names = "--prompt-syntax",
      paramLabel = "SYNTAX",
      defaultValue = "literal",
      converter = Choices.ToPromptSyntax.class,
      description =
          "literal: word for word, cut off at 77 tokens. weighted: (x:1.2), (x), [x], \\(, BREAK,"
              + " [from:to:when], [a|b], of any length. Default: ${DEFAULT-VALUE}.")
  private PromptSyntax syntax = PromptSyntax.LITERAL;

  @Option(
      names = "--clip-skip",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Takes the text encoder's last layer but N - 1, as some bases were trained; 2 is the last"
              + " but one. Default: ${DEFAULT-VALUE}.")
  private int clipSkip = 1;

  @Option(
      names = "--embedding",
      paramLabel = "FILE or DIR",
      description =
          "A word learned by textual inversion (.pt, .bin, .safetensors), used in prompts by the"
              + " file's name without its ending; of a folder, all of them. Repeat for several."
              + " Default: none.")
  private List<Path> embeddings = new ArrayList<>();

  @Option(
      names = "--prompt-embeddings",
      paramLabel = "FILE",
      description =
          "Prompt embeddings in place of --prompt and --negative-prompt: prompt_embeds and"
              + " negative_prompt_embeds, [77, width] each (.safetensors, .pt). Default: none.")
  private @Nullable Path states;

  /**
   * Takes over what was given and concerns the request.
   *
   * @param given tells whether an option was
   */
  void apply(GenerationRequest.Builder request, Predicate<String> given, Usage usage) {
    if (given.test("--prompt-syntax")) {
      request.promptSyntax(syntax);
    }
    if (given.test("--clip-skip")) {
      usage.value(() -> request.clipSkip(clipSkip));
    }
    if (states != null) {
      ModelOptions.existing("--prompt-embeddings", states);
      PromptEmbeddingsFile file = PromptEmbeddingsFile.read(states);
      request.promptEmbeddings(file.positive(), file.negative());
    }
  }

  /** Adds the learned words. */
  void apply(ControlNetPipeline.Builder pipeline) {
    for (Path path : embeddings) {
      ModelOptions.existing("--embedding", path);
      files(path).forEach(file -> pipeline.embedding(word(file)));
    }
  }

  private static TextualInversion word(Path file) {
    return InvalidRequestException.checking(() -> TextualInversion.of(file));
  }

  private static List<Path> files(Path path) {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> inside = Files.list(path)) {
      List<Path> files = inside.filter(PromptOptions::isEmbedding).sorted().toList();
      if (files.isEmpty()) {
        throw new CommandFailure(
            "--embedding: the folder %s has no .pt, .bin or .safetensors file.".formatted(path));
      }
      return files;
    } catch (IOException e) {
      throw new CommandFailure(
          "--embedding: the folder %s cannot be read: %s".formatted(path, e.getMessage()), e);
    }
  }

  private static boolean isEmbedding(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return Files.isRegularFile(file)
        && (name.endsWith(".pt") || name.endsWith(".bin") || name.endsWith(".safetensors"));
  }
}
