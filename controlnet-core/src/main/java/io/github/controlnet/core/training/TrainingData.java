package io.github.controlnet.core.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.internal.TextFiles;
import io.github.controlnet.training.BrokenRecords;
import io.github.controlnet.training.DataConfig;
import io.github.controlnet.training.TrainingDataException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The records of a data set: JSON lines, or a folder of pictures with captions beside them. */
final class TrainingData {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> LISTS = List.of("prompt.json", "metadata.jsonl");
  private static final Set<String> PICTURES =
      Set.of(".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff");

  private final Path root;
  private final List<TrainingRecord> records;

  private TrainingData(Path root, List<TrainingRecord> records) {
    this.root = root;
    this.records = records;
  }

  /**
   * Lists the records.
   *
   * @param config where they are
   * @param output where the training writes its own pictures, which are no data
   * @param warnings is told of records that are left out
   * @throws InvalidRequestException when there are none
   * @throws TrainingDataException when one is broken and is not to be skipped
   */
  static TrainingData open(DataConfig config, Path output, Consumer<String> warnings) {
    Path path = config.path();
    if (!Files.exists(path)) {
      throw new InvalidRequestException(
          "There is no data set at %s (looked for %s)."
              .formatted(path, path.toAbsolutePath().normalize()));
    }
    Lister lister = new Lister(config, warnings);
    try {
      if (Files.isDirectory(path)) {
        Optional<Path> list =
            LISTS.stream().map(path::resolve).filter(Files::isRegularFile).findFirst();
        if (list.isPresent()) {
          lister.lines(list.get());
        } else {
          lister.folder(path, output);
        }
      } else {
        lister.lines(path);
      }
    } catch (IOException e) {
      throw new InvalidRequestException(
          "%s cannot be read: %s.".formatted(path, e.getMessage()), e);
    }
    if (lister.records.isEmpty()) {
      throw new InvalidRequestException(
          "%s holds no records; expected JSON lines with source, target and prompt, or pictures with .txt captions beside them, in subfolders too."
              .formatted(path));
    }
    Path root = path.toAbsolutePath().normalize();
    return new TrainingData(
        Files.isDirectory(path) ? root : root.resolveSibling(""), List.copyOf(lister.records));
  }

  int size() {
    return records.size();
  }

  TrainingRecord get(int index) {
    return records.get(index);
  }

  /**
   * A digest of what is listed, to tell whether a training goes on with the same data, wherever
   * their folder lies now.
   */
  String digest() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (TrainingRecord record : records) {
        String text =
            record.source().map(this::relative).orElse("")
                + '\n'
                + relative(record.target())
                + '\n'
                + record.prompt()
                + '\n';
        digest.update(text.getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // in every JDK
    }
  }

  /** The path as seen from the data's folder, alike on every system. */
  private String relative(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    Path seen = absolute.startsWith(root) ? root.relativize(absolute) : absolute;
    return seen.toString().replace(File.separatorChar, '/');
  }

  private static String fileName(Path path) {
    return String.valueOf(path.getFileName());
  }

  private static final class Lister {
    private final List<TrainingRecord> records = new ArrayList<>();
    private final DataConfig config;
    private final Consumer<String> warnings;
    private final boolean annotates;

    Lister(DataConfig config, Consumer<String> warnings) {
      this.config = config;
      this.warnings = warnings;
      this.annotates = !config.annotator().equals("none");
    }

    void lines(Path file) throws IOException {
      Path folder = file.toAbsolutePath().getParent();
      int number = 0;
      for (String each : TextFiles.read(file).lines().toList()) {
        String line = TextFiles.withoutMark(each); // files with marks may have been joined
        number++;
        if (!line.isBlank()) {
          line("line %d of %s".formatted(number, file), line, folder);
        }
      }
    }

    private void line(String name, String line, @Nullable Path folder) {
      JsonNode node;
      try {
        node = JSON.readTree(line);
      } catch (JsonProcessingException e) {
        broken("%s is not JSON (%s)".formatted(name, e.getOriginalMessage()));
        return;
      }
      String source = text(node, "source", "conditioning_image");
      String target = text(node, "target", "image", "file_name");
      String prompt = text(node, "prompt", "text", "caption");
      if (target == null || prompt == null || (source == null && !annotates)) {
        broken(
            "%s lacks %s"
                .formatted(name, target == null ? "target" : prompt == null ? "prompt" : "source"));
        return;
      }
      records.add(
          new TrainingRecord(
              name,
              annotates || source == null ? Optional.empty() : Optional.of(resolve(folder, source)),
              resolve(folder, target),
              prompt));
    }

    private static Path resolve(@Nullable Path folder, String file) {
      return folder == null ? Path.of(file) : folder.resolve(file);
    }

    private static @Nullable String text(JsonNode node, String... names) {
      for (String name : names) {
        JsonNode value = node.get(name);
        if (value != null && value.isTextual()) {
          return value.textValue();
        }
      }
      return null;
    }

    void folder(Path folder, Path output) throws IOException {
      if (!annotates) {
        throw new InvalidRequestException(
            "%s is a folder of pictures without control maps; name an annotator that makes them, or give a folder with prompt.json."
                .formatted(folder));
      }
      List<Path> pictures;
      Path own = output.toAbsolutePath().normalize();
      try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
        pictures =
            all.filter(file -> !file.toAbsolutePath().normalize().startsWith(own))
                .filter(Lister::isPicture)
                .sorted()
                .toList();
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      for (Path picture : pictures) {
        String name = fileName(picture);
        Path caption = picture.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".txt");
        if (Files.isRegularFile(caption)) {
          caption(picture, caption);
        } else {
          broken("%s has no caption %s beside it".formatted(picture, fileName(caption)));
        }
      }
    }

    private void caption(Path picture, Path caption) {
      try {
        records.add(
            new TrainingRecord(
                picture.toString(), Optional.empty(), picture, TextFiles.read(caption).strip()));
      } catch (IOException e) {
        broken("%s cannot be read: %s".formatted(caption, e.getMessage()));
      }
    }

    private static boolean isPicture(Path file) {
      String name = fileName(file).toLowerCase(Locale.ROOT);
      int dot = name.lastIndexOf('.');
      return dot > 0 && PICTURES.contains(name.substring(dot)) && Files.isRegularFile(file);
    }

    private void broken(String what) {
      if (config.onBrokenRecord() == BrokenRecords.STOP) {
        throw new TrainingDataException(
            what + ". Mend the record, or have broken records skipped.");
      }
      warnings.accept(what + "; it is skipped");
    }
  }
}
