package io.github.controlnet.core.hub;

import io.github.controlnet.model.HubReference;
import io.github.controlnet.progress.DownloadListener;
import io.github.controlnet.spi.ModelFetcher;
import java.nio.file.Path;
import java.util.Optional;

/** Fetches from the hub that the environment names. */
public final class HubModelFetcher implements ModelFetcher {

  /** Creates the fetcher; called by {@link java.util.ServiceLoader}. */
  public HubModelFetcher() {}

  @Override
  public Path fetch(HubReference reference, DownloadListener listener) {
    return new HuggingFaceHub(HubOptions.fromEnvironment()).download(reference, listener);
  }

  @Override
  public Optional<Path> cached(HubReference reference) {
    return new HuggingFaceHub(HubOptions.fromEnvironment()).cached(reference);
  }
}
