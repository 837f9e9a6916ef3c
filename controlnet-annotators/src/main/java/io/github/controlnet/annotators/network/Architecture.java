package io.github.controlnet.annotators.network;

import io.github.controlnet.spi.engine.WeightSource.TensorInfo;
import java.util.Map;

/** Writes a network. */
@FunctionalInterface
public interface Architecture {
  /**
   * Writes a method {@code run(self, x: Tensor) -> List[Tensor]}, the picture [1, 3, rows,
   * columns].
   *
   * @param layers where to
   * @param stored the weights of the file, for networks that are published in several sizes
   */
  void write(Layers layers, Map<String, TensorInfo> stored);
}
