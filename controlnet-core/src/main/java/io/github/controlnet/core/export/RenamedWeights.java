package io.github.controlnet.core.export;

import io.github.controlnet.WeightsException;
import io.github.controlnet.spi.engine.WeightSource;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tensors of one or several sources under other names, some with other shapes of as many values.
 */
final class RenamedWeights implements WeightSource {
  private final Map<String, TensorInfo> tensors;
  private final Map<String, Origin> origins;

  private RenamedWeights(Map<String, TensorInfo> tensors, Map<String, Origin> origins) {
    this.tensors = Collections.unmodifiableMap(tensors);
    this.origins = origins;
  }

  private record Origin(WeightSource source, String name) {}

  static Builder builder() {
    return new Builder();
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer destination) {
    Origin origin = origins.get(name);
    if (origin == null) {
      throw new WeightsException("There is no tensor \"%s\" to write.".formatted(name));
    }
    origin.source.read(origin.name, byteOffset, destination);
  }

  static final class Builder {
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, Origin> origins = new LinkedHashMap<>();

    private Builder() {}

    /** Adds all tensors of a source, named by a map and a prefix. */
    Builder add(String prefix, Map<String, String> names, WeightSource source) {
      source
          .tensors()
          .forEach(
              (name, info) ->
                  add(prefix + names.getOrDefault(name, name), source, name, info.shape()));
      return this;
    }

    /** Adds one tensor. */
    Builder add(String name, WeightSource source, String sourceName, List<Long> shape) {
      TensorInfo info = source.tensors().get(sourceName);
      if (info == null || new TensorInfo(info.dtype(), shape).count() != info.count()) {
        throw new WeightsException(
            "The tensor \"%s\" of shape %s cannot be written as \"%s\" of shape %s."
                .formatted(sourceName, info == null ? null : info.shape(), name, shape));
      }
      tensors.put(name, new TensorInfo(info.dtype(), shape));
      origins.put(name, new Origin(source, sourceName));
      return this;
    }

    WeightSource build() {
      return new RenamedWeights(tensors, origins);
    }
  }
}
