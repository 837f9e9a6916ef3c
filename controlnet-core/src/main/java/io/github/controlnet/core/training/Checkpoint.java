package io.github.controlnet.core.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.InvalidRequestException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint of a training.
 *
 * <p>All random numbers follow from the seed and the position in the data, and that from the step;
 * so the step is all that is kept of them.
 *
 * @param folder where it is
 * @param step how many updates were made
 */
record Checkpoint(Path folder, int step) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Weights that learn, moments, and the moving average. */
  Path tensors() {
    return tensors(folder);
  }

  static Path tensors(Path folder) {
    return folder.resolve("training.safetensors");
  }

  /** What the training is, and the step. */
  private static Path about(Path folder) {
    return folder.resolve("training.json");
  }

  /**
   * Writes what a training is into a checkpoint's folder.
   *
   * @param facts to be checked when it goes on
   */
  static void describe(Path folder, int step, Map<String, String> facts) throws IOException {
    ObjectNode state = JSON.createObjectNode().put("step", step);
    facts.forEach(state::put);
    JSON.writerWithDefaultPrettyPrinter().writeValue(about(folder).toFile(), state);
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
    Path file = about(folder);
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new ControlNetException("%s cannot be read: %s.".formatted(file, e), e);
    }
  }
}
