package io.github.controlnet.cli;

import io.github.controlnet.core.hub.HubOptions;
import io.github.controlnet.core.hub.HuggingFaceHub;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.model.HubReference;
import io.github.controlnet.model.PublishedModels;
import io.github.controlnet.progress.CancellationToken;
import io.github.controlnet.progress.DownloadProgress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Fetches models by their ids on the hub, with progress on standard error. */
final class HubModels {
  private final HuggingFaceHub hub;
  private final Progress progress;
  private final CancellationToken token;

  HubModels(HubOptions options, Progress progress, CancellationToken token) {
    this.hub = new HuggingFaceHub(options);
    this.progress = progress;
    this.token = token;
  }

  /** Tells whether a text that is no path here may be an id; a lone file's name is none. */
  static boolean looksLikeId(String text) {
    if (PublishedModels.find(text.replaceFirst("@.*", "")).isPresent()) {
      return true;
    }
    return text.matches("[A-Za-z0-9][\\w.-]*/[A-Za-z0-9][\\w.-]*(/[^/]+)*(@[\\w./+-]+)?")
        && !text.matches("[^/]+/[^/]+\\.(safetensors|ckpt|pth|pt|bin)");
  }

  /** Returns a path that exists, or what it names in the bundle or on the hub. */
  Path located(String option, Path path) {
    Optional<Path> bundled = Demonstration.named(path);
    if (bundled.isPresent()) {
      return bundled.get();
    }
    String text = path.toString().replace('\\', '/');
    if (Files.exists(path) || !looksLikeId(text)) {
      return ModelOptions.existing(option, path);
    }
    return download(InvalidRequestException.checking(() -> HubReference.of(text)));
  }

  /** Fetches what is missing. */
  Path download(HubReference reference) {
    if (token.isCancelled()) {
      throw new GenerationCancelledException("Cancelled by the user.");
    }
    if (hub.cached(reference).isEmpty()) {
      progress.say("Looking for %s on the hub".formatted(reference));
    }
    try {
      return hub.download(reference, this::show);
    } finally {
      progress.endBar();
    }
  }

  private void show(DownloadProgress now) {
    if (token.isCancelled()) {
      throw new GenerationCancelledException("Cancelled by the user.");
    }
    progress.bytes(now.file(), now.bytes(), now.totalSize());
  }
}
