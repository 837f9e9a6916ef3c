package io.github.controlnet.model;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.internal.Values;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder of LoRAs, which prompts name as in AUTOMATIC1111's web page: {@code <lora:name>} with a
 * scale of 1, {@code <lora:name:0.8>}, {@code <lora:name:TEXT:UNET>} with a scale for each network,
 * or {@code <lora:name:te=TEXT:unet=UNET>}; {@code lyco} means the same. The name is the file's
 * without its ending, in the folder or in folders inside it. Files may come and go: they are looked
 * for each time. Immutable.
 */
public final class LoraFolder {
  private static final Pattern TAG =
      Pattern.compile("<(lora|lyco):([^>]+)>", Pattern.CASE_INSENSITIVE);
  private static final Pattern FILE =
      Pattern.compile("(.+)\\.(safetensors|pt|pth|bin|ckpt)", Pattern.CASE_INSENSITIVE);
  private static final int DEEPEST = 8;
  private static final int SHOWN = 8;

  private final Path path;

  private LoraFolder(Path path) {
    this.path = path;
  }

  /**
   * A prompt, read.
   *
   * @param text the prompt without what names LoRAs
   * @param loras the LoRAs that it names, in their order
   */
  public record Tagged(String text, List<Lora> loras) {
    /** Copies the list. */
    public Tagged {
      loras = List.copyOf(loras);
    }
  }

  /**
   * Names a folder.
   *
   * @param path the folder
   * @return it
   * @throws InvalidRequestException when it is no folder
   */
  public static LoraFolder of(Path path) {
    if (!Files.isDirectory(Values.nonNull(path, "the folder of LoRAs"))) {
      throw new InvalidRequestException(
          "%s is no folder; expected one with LoRAs (.safetensors, .pt, .pth, .bin, .ckpt)."
              .formatted(path));
    }
    return new LoraFolder(path);
  }

  /**
   * Returns where it is.
   *
   * @return the folder as it was given
   */
  public Path path() {
    return path;
  }

  /**
   * Lists the files.
   *
   * @return names for prompts and their files; a name that two files have stands with the folder of
   *     each, as in {@code styles/ink}
   * @throws InvalidRequestException when the folder cannot be read
   */
  public SortedMap<String, Path> files() {
    SortedMap<String, List<Path>> byName = new TreeMap<>();
    try (Stream<Path> all = Files.walk(path, DEEPEST, FileVisitOption.FOLLOW_LINKS)) {
      all.filter(Files::isRegularFile)
          .sorted()
          .forEach(
              file ->
                  name(file.getFileName())
                      .ifPresent(
                          name ->
                              byName.computeIfAbsent(name, key -> new ArrayList<>()).add(file)));
    } catch (IOException | UncheckedIOException e) {
      throw new InvalidRequestException(
          "The folder of LoRAs %s cannot be read: %s.".formatted(path, e.getMessage()), e);
    }
    SortedMap<String, Path> files = new TreeMap<>();
    byName.forEach(
        (name, same) ->
            same.forEach(
                file -> files.put(same.size() == 1 ? name : inside(file).orElse(name), file)));
    return files;
  }

  private static Optional<String> name(@Nullable Path file) {
    Matcher matcher = FILE.matcher(String.valueOf(file));
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private Optional<String> inside(Path file) {
    return name(path.relativize(file)).map(name -> name.replace('\\', '/'));
  }

  /**
   * Finds a LoRA.
   *
   * @param name its name, or the folder inside this one and its name, either with the file's ending
   *     too; letter case does not matter where only one fits
   * @return the LoRA, with a scale of 1
   * @throws InvalidRequestException when there is none, or several have the name
   */
  public Lora find(String name) {
    SortedMap<String, Path> files = files();
    Path exact = files.get(name);
    if (exact != null) {
      return Lora.of(exact);
    }
    String wanted = FILE.matcher(name).replaceFirst("$1").toLowerCase(Locale.ROOT);
    List<Path> similar =
        files.entrySet().stream()
            .filter(
                file ->
                    Stream.of(Optional.of(file.getKey()), inside(file.getValue()), bare(file))
                        .flatMap(Optional::stream)
                        .anyMatch(each -> each.toLowerCase(Locale.ROOT).equals(wanted)))
            .map(Map.Entry::getValue)
            .toList();
    if (similar.size() == 1) {
      return Lora.of(similar.get(0));
    }
    throw new InvalidRequestException(
        similar.isEmpty()
            ? "There is no LoRA \"%s\" in the folder of LoRAs; it has: %s."
                .formatted(
                    name,
                    files.isEmpty()
                        ? "none"
                        : String.join(", ", files.keySet().stream().limit(SHOWN).toList())
                            + (files.size() > SHOWN ? ", ..." : ""))
            : "Several LoRAs are called \"%s\": %s; say which, with its folder."
                .formatted(
                    name,
                    String.join(
                        ", ", similar.stream().flatMap(file -> inside(file).stream()).toList())));
  }

  private static Optional<String> bare(Map.Entry<String, Path> file) {
    return name(file.getValue().getFileName());
  }

  /**
   * Reads a prompt.
   *
   * @param prompt may name LoRAs
   * @return the prompt without their names, and the LoRAs
   * @throws InvalidRequestException when it names one that is not here, or says something else than
   *     scales of it
   */
  public Tagged read(String prompt) {
    Matcher tag = TAG.matcher(Values.nonNull(prompt, "the prompt"));
    List<Lora> loras = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    while (tag.find()) {
      tag.appendReplacement(text, "");
      loras.add(lora(tag.group(), tag.group(2)));
    }
    tag.appendTail(text);
    return new Tagged(text.toString(), loras);
  }

  private Lora lora(String tag, String inside) {
    List<String> parts = Arrays.asList(inside.split(":", -1));
    @Nullable Double textScale = null;
    @Nullable Double unetScale = null;
    int position = 0;
    for (String part : parts.subList(1, parts.size())) {
      String value = part.strip();
      if (value.startsWith("te=")) {
        textScale = scale(tag, value.substring("te=".length()));
      } else if (value.startsWith("unet=")) {
        unetScale = scale(tag, value.substring("unet=".length()));
      } else if (position == 0) {
        textScale = scale(tag, value);
        position++;
      } else if (position == 1) {
        unetScale = scale(tag, value);
        position++;
      } else {
        throw wrong(tag, value);
      }
    }
    double ofText = textScale == null ? 1 : textScale;
    return find(parts.get(0).strip()).withScales(unetScale == null ? ofText : unetScale, ofText);
  }

  private static double scale(String tag, String value) {
    try {
      double scale = Double.parseDouble(value);
      if (Float.isFinite((float) scale)) {
        return scale;
      }
    } catch (NumberFormatException e) {
      throw wrong(tag, value, e);
    }
    throw wrong(tag, value);
  }

  private static InvalidRequestException wrong(String tag, String value) {
    return wrong(tag, value, null);
  }

  private static InvalidRequestException wrong(
      String tag, String value, @Nullable NumberFormatException cause) {
    return new InvalidRequestException(
        "\"%s\" in %s is no scale; expected <lora:name:0.8>, <lora:name:TEXT:UNET> or <lora:name:te=TEXT:unet=UNET> with numbers."
            .formatted(value, tag),
        cause);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LoraFolder folder && path.equals(folder.path);
  }

  @Override
  public int hashCode() {
    return path.hashCode();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
