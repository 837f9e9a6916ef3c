package io.github.controlnet.annotators.support;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotators.RandomWeights;
import java.nio.file.Path;
import java.util.Map;

/** Networks with random weights, of no annotator. */
public final class TestNetworks {
  private TestNetworks() {}

  /** One network, whose weights are the list {@code learned/NAME.weights}. */
  public static Networks of(String weights) {
    return of(Map.of(WeightsFile.model("a/b/c"), RandomWeights.file(weights)));
  }

  public static Networks of(Map<WeightsFile, Path> files) {
    return new Networks("test", Annotators.context(), files);
  }
}
