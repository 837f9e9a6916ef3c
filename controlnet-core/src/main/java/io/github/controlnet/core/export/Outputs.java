package io.github.controlnet.core.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** What the layouts have in common: files of weights by their endings, and configurations. */
final class Outputs {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final List<String> TORCH = List.of(".pth", ".pt", ".ckpt");
  private static final String SAFETENSORS = ".safetensors";

  private Outputs() {}

  /**
   * Writes safetensors or a PyTorch checkpoint, as the name says, and a configuration beside it
   * when the weights alone would be misread, or would be read along with one that is there.
   *
   * @param usual whether the weights alone are read with the right sizes
   */
  static void original(
      Path file,
      WeightSource tensors,
      Map<String, TensorInfo> targets,
      WriteOptions options,
      boolean usual,
      Supplier<JsonNode> config) {
    Path beside = configBeside(file);
    byte[] json = usual && !Files.exists(beside) ? new byte[0] : json(config.get());
    AtomicOutput.requireFileAllowed(file, options.overwrite());
    if (json.length > 0) {
      AtomicOutput.requireFileAllowed(beside, options.overwrite() || holds(beside, json));
    }
    AtomicOutput.file(
        file,
        options.overwrite(),
        TensorCopy.bytes(targets),
        temporary -> {
          if (name(file).endsWith(SAFETENSORS)) {
            SafetensorsWriter.writeContent(temporary, tensors, targets, options);
          } else {
            TorchWriter.writeContent(temporary, tensors, targets, options);
          }
          if (json.length > 0) {
            // last, so that a failure before leaves the old pair
            write(beside, json);
          }
        });
  }

  private static boolean holds(Path file, byte[] content) {
    try {
      return Files.isRegularFile(file)
          && Files.size(file) == content.length
          && Arrays.equals(Files.readAllBytes(file), content);
    } catch (IOException e) {
      throw AtomicOutput.cannotWrite(file, e);
    }
  }

  static void requireWeightsName(Path file) {
    String name = name(file);
    if (!name.endsWith(SAFETENSORS) && TORCH.stream().noneMatch(name::endsWith)) {
      throw new WeightsException(
          "%s cannot be written: a file of the original layout ends in .safetensors, .pth, .pt or .ckpt."
              .formatted(file));
    }
  }

  static void requireFolderName(Path folder) {
    String name = name(folder);
    if (name.endsWith(SAFETENSORS) || TORCH.stream().anyMatch(name::endsWith)) {
      throw new WeightsException(
          "%s names a file; diffusers' layout is a folder. Give a folder's name, or write the original layout."
              .formatted(folder));
    }
  }

  private static String name(Path path) {
    Path name = path.getFileName();
    return name == null ? "" : name.toString().toLowerCase(Locale.ROOT);
  }

  /** The configuration that is read along with a file of weights. */
  private static Path configBeside(Path weights) {
    String name = String.valueOf(weights.getFileName());
    return weights.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".json");
  }

  /** Writes a configuration, in place of one that is there. */
  static void config(Path file, JsonNode config) {
    write(file, json(config));
  }

  private static void write(Path file, byte[] bytes) {
    AtomicOutput.file(file, true, bytes.length, temporary -> Files.write(temporary, bytes));
  }

  private static byte[] json(JsonNode config) {
    try {
      return (JSON.writeValueAsString(config) + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new WeightsException("A configuration cannot be written: " + e.getMessage(), e);
    }
  }
}
