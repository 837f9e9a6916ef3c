package io.github.controlnet.core.tensors;

import io.github.controlnet.engine.WeightSource;

/** Weights from files, which two openings of the same files give alike. */
public interface StoredSource extends WeightSource {

  /**
   * Returns where the weights are from: which tensors of which files, as they were when they were
   * opened.
   *
   * @return equal for sources that give equal values under equal names
   */
  Object origin();

  /**
   * Returns where any weights are from.
   *
   * @param source the weights
   * @return its origin, or itself when it is not from files
   */
  static Object origin(WeightSource source) {
    return source instanceof StoredSource stored ? stored.origin() : source;
  }
}
