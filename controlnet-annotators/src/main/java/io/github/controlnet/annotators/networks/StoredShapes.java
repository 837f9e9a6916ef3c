package io.github.controlnet.annotators.networks;

import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.util.Map;

/**
 * The sizes of a network, read from the weights of its file.
 *
 * @param tensors by name
 */
record StoredShapes(Map<String, TensorInfo> tensors) {

  boolean has(String name) {
    return tensors.containsKey(name);
  }

  /**
   * Returns the length of an axis of a weight.
   *
   * @throws WeightsException when the file has no such weight
   */
  int side(String name, int axis) {
    TensorInfo info = tensors.get(name);
    if (info == null) {
      throw new WeightsException(
          "the weight %s is missing; the file is incomplete or of another kind.".formatted(name));
    }
    if (axis >= info.shape().size()) {
      throw new WeightsException(
          "the weight %s has shape %s, expected more than %d axes; the file is of another kind."
              .formatted(name, info.shape(), axis));
    }
    return Math.toIntExact(info.shape().get(axis));
  }

  /**
   * Counts what is numbered from 0.
   *
   * @param prefix what the names start with before the number
   * @param suffix what they end with after it
   */
  int count(String prefix, String suffix) {
    int count = 0;
    while (has(prefix + count + suffix)) {
      count++;
    }
    return count;
  }
}
