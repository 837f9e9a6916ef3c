package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.util.Map;

/** Defines a network. */
@FunctionalInterface
public interface Architecture {
  /**
   * Defines a network of one method {@code run(x: Tensor, ...) -> List[Tensor]}, the picture [1,
   * channels, rows, columns] and what else it takes.
   *
   * @param stored the weights of the file under the network's own names, for networks that are
   *     published in several sizes
   */
  Graph graph(Map<String, TensorInfo> stored);

  /**
   * Tells what the network calls a weight of a published file.
   *
   * @param stored the name in the file
   */
  default String name(String stored) {
    return stored;
  }
}
