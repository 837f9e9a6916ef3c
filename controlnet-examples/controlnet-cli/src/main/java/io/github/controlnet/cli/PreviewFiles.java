package io.github.controlnet.cli;

import io.github.controlnet.StepListener;
import io.github.controlnet.core.provenance.PngText;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Keeps the newest preview of each image in a file, for whoever watches. */
final class PreviewFiles implements StepListener {
  private final Path folder;
  private final Set<Path> written = new LinkedHashSet<>();

  PreviewFiles(Path folder) {
    this.folder = folder;
  }

  @Override
  public void onStep(Step step) {
    if (step.number() == step.totalSteps()) {
      return; // the picture itself is next
    }
    List<BufferedImage> previews = step.preview();
    for (int i = 0; i < previews.size(); i++) {
      Path file = folder.resolve("preview-" + i + ".png");
      AtomicFiles.replace(file, PngText.encode(previews.get(i), Map.of()));
      written.add(file);
    }
  }

  /** Takes the files away again. */
  void remove() {
    for (Path file : written) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new CommandFailure("Cannot remove the preview %s.".formatted(file), e);
      }
    }
  }
}
