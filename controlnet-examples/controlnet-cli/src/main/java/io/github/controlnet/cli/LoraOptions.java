package io.github.controlnet.cli;

import io.github.controlnet.GenerationRequest;
import io.github.controlnet.model.Lora;
import io.github.controlnet.model.LoraFolder;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which LoRAs change the base, and how much. */
final class LoraOptions {
  private static final String NUMBER = "[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?";

  /** The words of tags in prompts: one scale for both networks, or the text encoder's first. */
  private static final Pattern SCALED =
      Pattern.compile("(.+?)(?::(" + NUMBER + "))?(?::(" + NUMBER + "))?");

  @Option(
      names = "--lora",
      paramLabel = "FILE or ID[:SCALE]",
      description =
          "A LoRA, LoCon, LoHa, LoKr, DoRA or the like, in any layout: a file, or an id of the hub."
              + " :0.8 behind it takes that much of it, :0.5:0.8 half of what it does to the text encoder and"
              + " 0.8 of what it does to the U-Net; negative ones too. Repeat for several. Default: none.")
  private List<String> loras = new ArrayList<>();

  @Option(
      names = "--lora-folder",
      paramLabel = "DIR",
      description =
          "Where prompts find the LoRAs that they name, as in <lora:name:0.8>. Default: none, and such"
              + " words are refused.")
  private @Nullable Path folder;

  @Option(
      names = "--lora-ignore-unknown",
      description =
          "Take LoRAs of which not all is understood, without the rest. Default: they are refused.")
  private boolean ignoringUnknown;

  /** A LoRA as it was written. */
  private record Written(String name, double unetScale, double textScale) {
    static Written of(String text, Usage usage) {
      Matcher matcher = SCALED.matcher(text);
      if (exists(text) || !matcher.matches()) {
        return new Written(text, 1, 1);
      }
      double first = matcher.group(2) == null ? 1 : Double.parseDouble(matcher.group(2));
      double second = matcher.group(3) == null ? first : Double.parseDouble(matcher.group(3));
      usage.value(() -> Lora.of(Path.of("")).withScales(second, first));
      return new Written(matcher.group(1), second, first);
    }

    private static boolean exists(String text) {
      try {
        return Files.exists(Path.of(text));
      } catch (InvalidPathException e) {
        return false;
      }
    }
  }

  /** Looks for wrong usage before any file is touched. */
  void check(Usage usage) {
    loras.forEach(text -> Written.of(text, usage));
  }

  /** The folder that prompts name LoRAs of. */
  Optional<LoraFolder> folder(Usage usage) {
    return Optional.ofNullable(folder)
        .map(
            path -> usage.value(() -> LoraFolder.of(ModelOptions.existing("--lora-folder", path))));
  }

  /** Finds the files, fetching those that are on the hub. */
  List<Lora> select(Usage usage, HubModels hub) {
    List<Lora> selected = new ArrayList<>();
    for (String text : loras) {
      Written written = Written.of(text, usage);
      Lora lora =
          Lora.of(hub.located("--lora", Path.of(written.name())))
              .withScales(written.unetScale(), written.textScale());
      selected.add(ignoringUnknown ? lora.ignoringUnknownKeys() : lora);
    }
    return selected;
  }

  /** Adds the LoRAs to a request. */
  void apply(GenerationRequest.Builder request, Usage usage, HubModels hub) {
    select(usage, hub).forEach(request::lora);
  }
}
