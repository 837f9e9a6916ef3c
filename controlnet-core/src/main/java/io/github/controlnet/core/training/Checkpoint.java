package io.github.controlnet.core.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.InvalidRequestException;
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

/**
 * The checkpoints of a training: folders that appear by being renamed once they are complete.
 *
 * <p>All random numbers follow from the seed and the position in the data, and that from the step;
 * so the step is all that is kept of them.
 */
final class Checkpoint {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern NAME = Pattern.compile("step-(\\d{8})");

  private final Path folder;
  private final int step;

  private Checkpoint(Path folder, int step) {
    this.folder = folder;
    this.step = step;
  }

  /** Writes the files of a checkpoint into a folder that is there. */
  interface Content {
    void write(Path folder) throws IOException;
  }

  int step() {
    return step;
  }

  Path folder() {
    return folder;
  }

  /** The folder of the ControlNet as it is to be used. */
  Path control() {
    return folder.resolve("control");
  }

  /** Weights that learn, moments, and the moving average. */
  Path tensors() {
    return tensors(folder);
  }

  static Path tensors(Path folder) {
    return folder.resolve("training.safetensors");
  }

  /** Returns the newest checkpoint. */
  static Optional<Checkpoint> newest(Path all) {
    List<Checkpoint> found = list(all);
    return found.isEmpty() ? Optional.empty() : Optional.of(found.get(found.size() - 1));
  }

  /** Lists the complete checkpoints, oldest first. */
  private static List<Checkpoint> list(Path all) {
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
   * @param all the folder of the checkpoints
   * @param facts what the training is, to be checked when it goes on
   */
  static Checkpoint write(Path all, int step, Map<String, String> facts, Content content) {
    Path target = all.resolve("step-%08d".formatted(step));
    Path temporary = all.resolve(".step-%08d.tmp".formatted(step));
    try {
      delete(temporary);
      Files.createDirectories(temporary);
      content.write(temporary);
      ObjectNode state = JSON.createObjectNode().put("step", step);
      facts.forEach(state::put);
      JSON.writerWithDefaultPrettyPrinter()
          .writeValue(temporary.resolve("training.json").toFile(), state);
      delete(target);
      Files.move(temporary, target);
      return new Checkpoint(target, step);
    } catch (IOException e) {
      throw failed("The checkpoint %s cannot be written".formatted(target), e);
    }
  }

  /** How the pictures of an update were computed. */
  BatchSplit split() {
    JsonNode state = state();
    return new BatchSplit(state.path("batch size").asInt(1), state.path("accumulation").asInt(1));
  }

  /**
   * Checks that a training is the one that wrote this. What an older version did not write is not
   * checked.
   *
   * @throws InvalidRequestException when it is another, with all that differs
   */
  void require(Map<String, String> facts) {
    JsonNode state = state();
    List<String> differences = new ArrayList<>();
    facts.forEach(
        (key, value) -> {
          String before = state.path(key).asText(value);
          if (!before.equals(value)) {
            differences.add("another %s (%s there, %s now)".formatted(key, before, value));
          }
        });
    if (!differences.isEmpty()) {
      throw new InvalidRequestException(
          "%s is of a training with %s; use another output folder, or go on with what is there. Steps, learning rate, schedule, checkpoints and samples may change."
              .formatted(folder, String.join(", ", differences)));
    }
  }

  private JsonNode state() {
    Path file = folder.resolve("training.json");
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw failed("%s cannot be read".formatted(file), e);
    }
  }

  /** Removes all but the newest, and what a killed process left unfinished. */
  static void prune(Path all, int keep) {
    try {
      List<Checkpoint> found = new ArrayList<>(list(all));
      if (keep > 0) {
        Collections.reverse(found);
        for (Checkpoint old : found.subList(Math.min(keep, found.size()), found.size())) {
          // renamed first: one that is half deleted must not be taken for a whole one
          Path doomed = all.resolve(".old-%08d.tmp".formatted(old.step));
          delete(doomed);
          Files.move(old.folder, doomed);
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
