package io.github.controlnet.cli;

import io.github.controlnet.core.provenance.Recipe;
import io.github.controlnet.core.provenance.WeightHashes;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.model.HubReference;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds the models that a picture's record names: by their hashes among those that this machine has
 * used, else by their id on the hub. A record holds no folders of the machine that wrote it.
 */
final class RecordedModels {
  private final WeightHashes hashes;
  private final HubModels hub;

  RecordedModels(WeightHashes hashes, HubModels hub) {
    this.hashes = hashes;
    this.hub = hub;
  }

  Path find(Recipe.Model model, String option) {
    Optional<Path> used = hashes.find(model.sha256());
    if (used.isEmpty()) {
      // The bundled model is the same everywhere; now its hashes are known here too.
      DemoModel demo = Demonstration.bundled();
      hashes.of(demo.base());
      hashes.of(demo.control());
      hashes.of(demo.segmentation());
      used = hashes.find(model.sha256());
    }
    if (used.isPresent()) {
      return used.get();
    }
    if (HubModels.looksLikeId(model.name()) && model.name().contains("@")) {
      return hub.download(InvalidRequestException.checking(() -> HubReference.of(model.name())));
    }
    throw new CommandFailure(
        "The picture was made with %s%s, which has not been used on this machine; name it with %s."
            .formatted(
                model.name(),
                model.sha256().isEmpty()
                    ? ""
                    : " (sha256 %s)".formatted(model.sha256().values().iterator().next()),
                option));
  }
}
