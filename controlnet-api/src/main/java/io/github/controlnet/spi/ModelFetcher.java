package io.github.controlnet.spi;

import io.github.controlnet.model.HubReference;
import io.github.controlnet.progress.DownloadListener;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Fetches published files, and finds those that were fetched before. Found through {@link
 * java.util.ServiceLoader}.
 */
public interface ModelFetcher {

  /**
   * Fetches what is missing of a model or file, into the cache that Python's libraries use too.
   *
   * @param reference what to fetch
   * @param listener is told of the progress; not called when all is there
   * @return where it is
   * @throws io.github.controlnet.exception.WeightsException when it cannot be had
   */
  Path fetch(HubReference reference, DownloadListener listener);

  /**
   * Looks for a model or file in that cache, without network.
   *
   * @param reference what to look for
   * @return where it is; empty when it, or a part of it, is not there
   * @throws io.github.controlnet.exception.WeightsException when the cache cannot be read
   */
  Optional<Path> cached(HubReference reference);
}
