package io.github.controlnet.spi;

import io.github.controlnet.DownloadListener;
import io.github.controlnet.HubReference;
import java.nio.file.Path;

/** Fetches published files. Found through {@link java.util.ServiceLoader}. */
public interface ModelFetcher {

  /**
   * Fetches what is missing of a model or file, into the cache that Python's libraries use too.
   *
   * @param reference what to fetch
   * @param listener hears of the progress; not called when all is there
   * @return where it is
   * @throws io.github.controlnet.WeightsException when it cannot be had
   */
  Path fetch(HubReference reference, DownloadListener listener);
}
