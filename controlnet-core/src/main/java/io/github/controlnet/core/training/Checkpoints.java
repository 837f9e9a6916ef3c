package io.github.controlnet.core.training;

import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.training.OutputConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The checkpoints of a training: folders that appear by being renamed once they are complete. */
final class Checkpoints {
  private static final Pattern NAME = Pattern.compile("step-(\\d{8})");

  private final Path all;

  /**
   * Looks into a folder, which need not be there.
   *
   * @param all where the checkpoints are
   */
  Checkpoints(Path all) {
    this.all = all;
  }

  /** Writes the files of a checkpoint into a folder that is there. */
  interface Content {
    void write(Path folder) throws IOException;
  }

  /**
   * Finds the checkpoint to go on from, the newest.
   *
   * @throws InvalidRequestException when there is one and the training is not to go on
   */
  Optional<Checkpoint> resumed(OutputConfig output) {
    List<Checkpoint> found = list();
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Checkpoint newest = found.get(found.size() - 1);
    if (!output.resume()) {
      throw new InvalidRequestException(
          "%s holds a training already, at step %d; use another output folder, or let it go on (resume)."
              .formatted(output.folder(), newest.step()));
    }
    return Optional.of(newest);
  }

  /** Lists the complete checkpoints, oldest first. */
  private List<Checkpoint> list() {
    if (!Files.isDirectory(all)) {
      return List.of();
    }
    List<Checkpoint> found = new ArrayList<>();
    try (Stream<Path> entries = Files.list(all)) {
      for (Path entry : entries.toList()) {
        var name = NAME.matcher(String.valueOf(entry.getFileName()));
        if (name.matches()) {
          found.add(new Checkpoint(entry, Integer.parseInt(name.group(1))));
        }
      }
    } catch (IOException e) {
      throw failed("The checkpoints in %s cannot be listed".formatted(all), e);
    }
    found.sort(Comparator.comparingInt(Checkpoint::step));
    return found;
  }

  /**
   * Writes a checkpoint.
   *
   * @param facts what the training is, to be checked when it goes on
   */
  Checkpoint write(int step, Map<String, String> facts, Content content) {
    Path target = all.resolve("step-%08d".formatted(step));
    Path temporary = all.resolve(".step-%08d.tmp".formatted(step));
    try {
      delete(temporary);
      Files.createDirectories(temporary);
      content.write(temporary);
      Checkpoint.describe(temporary, step, facts);
      delete(target);
      Files.move(temporary, target);
      return new Checkpoint(target, step);
    } catch (IOException e) {
      throw failed("The checkpoint %s cannot be written".formatted(target), e);
    }
  }

  /** Removes all but the newest, and what a killed process left unfinished; 0 keeps all. */
  void prune(int keep) {
    try {
      List<Checkpoint> found = new ArrayList<>(list());
      if (keep > 0) {
        Collections.reverse(found);
        for (Checkpoint old : found.subList(Math.min(keep, found.size()), found.size())) {
          // renamed first: one that is half deleted must not be taken for a whole one
          Path doomed = all.resolve(".old-%08d.tmp".formatted(old.step()));
          delete(doomed);
          Files.move(old.folder(), doomed);
          delete(doomed);
        }
      }
      if (Files.isDirectory(all)) {
        try (Stream<Path> entries = Files.list(all)) {
          for (Path entry : entries.toList()) {
            String name = String.valueOf(entry.getFileName());
            if (name.startsWith(".") && name.endsWith(".tmp")) {
              delete(entry);
            }
          }
        }
      }
    } catch (IOException e) {
      throw failed("Old checkpoints in %s cannot be removed".formatted(all), e);
    }
  }

  /** Deletes a folder, or does nothing where there is none. */
  static void delete(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(tree)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static ControlNetException failed(String what, IOException cause) {
    return new ControlNetException("%s: %s.".formatted(what, cause), cause);
  }
}
