package io.github.controlnet.web;

import io.github.controlnet.model.LoraFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** The LoRAs that prompts may name: those of a folder of the server, when it has one. */
@Component
final class ServedLoras {
  private final Optional<LoraFolder> folder;

  /**
   * Takes the server's setting.
   *
   * @param path {@code controlnet.web.lora-folder}; empty for none
   */
  @Autowired
  ServedLoras(@Value("${controlnet.web.lora-folder:}") String path) {
    this(path.isEmpty() ? Optional.empty() : Optional.of(LoraFolder.of(Path.of(path))));
  }

  ServedLoras(Optional<LoraFolder> folder) {
    this.folder = folder;
  }

  Optional<LoraFolder> folder() {
    return folder;
  }

  /** The names for prompts. */
  List<String> names() {
    return folder.map(each -> List.copyOf(each.files().keySet())).orElse(List.of());
  }

  /** What the web UI's interface tells of each; where files are on this machine is not told. */
  List<Map<String, Object>> described() {
    return names().stream()
        .map(
            name ->
                Map.<String, Object>of(
                    "name", name, "alias", name, "path", name, "metadata", Map.of()))
        .toList();
  }
}
