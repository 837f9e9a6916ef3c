package io.github.controlnet.annotator;

import io.github.controlnet.model.HubReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds files that are published on the Hugging Face hub, or copies of them. */
@FunctionalInterface
public interface PublishedFiles {

  /**
   * Finds one of several files that serve the same purpose: the first that is on this machine, or
   * else, where fetching is allowed, the first.
   *
   * @param published the recommended one first; not empty
   * @return where it is; empty when none is there
   * @throws io.github.controlnet.exception.WeightsException when a file cannot be fetched
   */
  Optional<Path> find(List<HubReference> published);
}
