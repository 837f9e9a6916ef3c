package io.github.controlnet.core.pipeline.load;

import io.github.controlnet.PipelineConfig;
import io.github.controlnet.core.hub.ModelFolders;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.lora.LoraChanges;
import io.github.controlnet.core.lora.LoraFile;
import io.github.controlnet.core.pipeline.load.Shared.Lease;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.model.Lora;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An opened LoRA that fits its base. Holds names and shapes; values stay in its file. */
final class LoadedLora implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LoadedLora.class);

  /** What training scripts call the file in a folder. */
  private static final List<String> NAMES =
      List.of(
          "pytorch_lora_weights.safetensors",
          "pytorch_lora_weights.bin",
          "adapter_model.safetensors",
          "adapter_model.bin");

  private final LoraFile file;
  private final LoraChanges changes;

  /** A file that was written anew is another. */
  private record Key(
      Object base, Path path, long size, FileTime modified, boolean ignoringUnknown) {}

  private LoadedLora(LoadedBase base, Path path, boolean ignoringUnknown, Closing resources) {
    this.file = resources.add(LoraFile.open(path));
    this.changes = base.modules().changes(file, ignoringUnknown);
    if (!changes.ignored().isEmpty()) {
      LOG.warn(
          "{}: {} names are not understood and left out, such as {}",
          path,
          changes.ignored().size(),
          changes.ignored().get(0));
    }
  }

  static Lease<LoadedLora> lease(LoadedBase base, PipelineConfig config, Lora lora) {
    Path path = inside(ModelFolders.of(lora, config.downloadListener()));
    BasicFileAttributes attributes = attributes(path);
    Key key =
        new Key(
            base.adaptableOrigin(),
            path.toAbsolutePath().normalize(),
            attributes.size(),
            attributes.lastModifiedTime(),
            lora.ignoresUnknownKeys());
    return Shared.OF_PROCESS.lease(
        key,
        LoadedLora.class,
        () -> Closing.opening(all -> new LoadedLora(base, path, lora.ignoresUnknownKeys(), all)));
  }

  /** The file that a folder holds. */
  private static Path inside(Path path) {
    if (!Files.isDirectory(path)) {
      return path;
    }
    return NAMES.stream()
        .map(path::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(
            () ->
                new WeightsException(
                    "The folder %s holds no LoRA that is known here; expected a file named %s, or give the file itself."
                        .formatted(path, String.join(" or ", NAMES))));
  }

  private static BasicFileAttributes attributes(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class);
    } catch (IOException e) {
      throw new WeightsException(
          "The LoRA %s does not exist or cannot be read.".formatted(path), e);
    }
  }

  Path path() {
    return file.path();
  }

  LoraChanges changes() {
    return changes;
  }

  @Override
  public void close() {
    file.close();
  }
}
