package io.github.controlnet.core.tensors;

import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.WeightsException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tensors of one or several sources as one, under names and shapes of their own. Immutable. */
public final class JoinedWeights implements WeightSource {
  private final Map<String, TensorInfo> tensors;
  private final Map<String, Origin> origins;

  private JoinedWeights(Map<String, TensorInfo> tensors, Map<String, Origin> origins) {
    this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    this.origins = Map.copyOf(origins);
  }

  private record Origin(WeightSource source, String name) {}

  /**
   * Starts with no tensors.
   *
   * @return a builder
   */
  public static Builder builder() {
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
      throw new WeightsException("There is no tensor \"%s\" in these weights.".formatted(name));
    }
    origin.source.read(origin.name, byteOffset, destination);
  }

  /** Collects tensors, in the order in which they are listed later. */
  public static final class Builder {
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, Origin> origins = new LinkedHashMap<>();

    private Builder() {}

    /**
     * Adds all tensors of a source.
     *
     * @param prefix goes before every name
     * @param names other names than the source's; what is not in there keeps its name
     * @param source the source
     * @return this builder
     */
    public Builder add(String prefix, Map<String, String> names, WeightSource source) {
      source
          .tensors()
          .forEach(
              (name, info) ->
                  add(prefix + names.getOrDefault(name, name), source, name, info.shape()));
      return this;
    }

    /**
     * Adds one tensor.
     *
     * @param name its name here
     * @param source the source
     * @param sourceName its name there
     * @param shape its shape here, of as many values
     * @return this builder
     * @throws WeightsException when the source has no such tensor, or one of another size
     */
    public Builder add(String name, WeightSource source, String sourceName, List<Long> shape) {
      TensorInfo info = source.tensors().get(sourceName);
      if (info == null || new TensorInfo(info.dtype(), shape).count() != info.count()) {
        throw new WeightsException(
            "The tensor \"%s\" of shape %s cannot be used as \"%s\" of shape %s."
                .formatted(sourceName, info == null ? null : info.shape(), name, shape));
      }
      tensors.put(name, new TensorInfo(info.dtype(), shape));
      origins.put(name, new Origin(source, sourceName));
      return this;
    }

    /**
     * Builds the weights.
     *
     * @return the tensors that were added; they are read from their sources when asked for
     */
    public JoinedWeights build() {
      return new JoinedWeights(tensors, origins);
    }
  }
}
