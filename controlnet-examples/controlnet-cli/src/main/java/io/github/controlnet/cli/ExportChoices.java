package io.github.controlnet.cli;

import io.github.controlnet.engine.Precision;
import io.github.controlnet.model.ExportOptions;
import io.github.controlnet.model.ModelLayout;
import io.github.controlnet.progress.CancellationToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Where a control is written, and how. */
final class ExportChoices {
  private static final List<String> FILES = List.of(".safetensors", ".pth", ".pt", ".ckpt");

  @Parameters(
      index = "0",
      paramLabel = "OUT",
      description =
          "The file or folder to write: .safetensors or .pth for the original layout, a folder for"
              + " diffusers'.")
  private Path out = Path.of("");

  @Option(
      names = "--layout",
      paramLabel = "NAME",
      converter = Choices.ToLayout.class,
      description =
          "original: one file with the original code's names; diffusers: a folder with config.json."
              + " Default: as OUT's name says.")
  private @Nullable ModelLayout layout;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "auto",
      converter = Choices.ToPrecision.class,
      description =
          "Number type of the weights: float32, bfloat16, float16, or auto, which keeps the"
              + " control's own and is float32 for a new one. Default: ${DEFAULT-VALUE}.")
  private Precision precision = Precision.AUTO;

  @Option(
      names = "--with-base",
      description =
          "Write the base too: the merged file of ControlNet 1.0 (as the original's tools do),"
              + " or a whole pipeline's folder.")
  private boolean withBase;

  @Option(names = "--force", description = "Replace what is there.")
  private boolean force;

  Path out() {
    return out;
  }

  ModelLayout layout() {
    if (layout != null) {
      return layout;
    }
    String name = String.valueOf(out.getFileName()).toLowerCase(Locale.ROOT);
    return FILES.stream().anyMatch(name::endsWith) ? ModelLayout.ORIGINAL : ModelLayout.DIFFUSERS;
  }

  ExportOptions options(CancellationToken token) {
    if (!force && taken()) {
      throw new CommandFailure(
          "%s exists already; choose another name, or replace it with --force.".formatted(out));
    }
    return ExportOptions.of(layout())
        .withPrecision(precision)
        .withBase(withBase)
        .withOverwrite(force)
        .withCancellation(token);
  }

  private boolean taken() {
    if (!Files.isDirectory(out)) {
      return Files.exists(out, LinkOption.NOFOLLOW_LINKS);
    }
    try (Stream<Path> entries = Files.list(out)) {
      return entries.findAny().isPresent();
    } catch (IOException e) {
      throw new CommandFailure("The folder %s cannot be read (%s).".formatted(out, e), e);
    }
  }
}
