package io.github.controlnet.core.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.controlnet.WeightsException;
import io.github.controlnet.spi.engine.WeightSource;
import io.github.controlnet.spi.engine.WeightSource.TensorInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the layouts have in common: files of weights by their endings, and configurations. */
final class Outputs {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final List<String> TORCH = List.of(".pth", ".pt", ".ckpt");
  private static final String SAFETENSORS = ".safetensors";

  private Outputs() {}

  /** Writes safetensors or a PyTorch checkpoint, as the name says. */
  static void weights(
      Path file, WeightSource tensors, Map<String, TensorInfo> targets, WriteOptions options) {
    if (name(file).endsWith(SAFETENSORS)) {
      SafetensorsWriter.write(file, tensors, targets, options);
    } else {
      TorchWriter.write(file, tensors, targets, options);
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
  static Path configBeside(Path weights) {
    String name = String.valueOf(weights.getFileName());
    return weights.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".json");
  }

  static void config(Path file, JsonNode config, boolean overwrite) {
    byte[] bytes;
    try {
      bytes = (JSON.writeValueAsString(config) + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw AtomicOutput.cannotWrite(file, e);
    }
    AtomicOutput.file(file, overwrite, bytes.length, temporary -> Files.write(temporary, bytes));
  }
}
