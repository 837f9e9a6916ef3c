package io.github.controlnet.core.tensors;

import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.WeightsException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small tensors in the Java heap. Immutable; may be used by several threads. */
public final class MemoryWeights implements WeightSource {
  private final Map<String, TensorInfo> tensors;
  private final Map<String, ByteBuffer> values;

  private MemoryWeights(Map<String, TensorInfo> tensors, Map<String, ByteBuffer> values) {
    this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    this.values = Map.copyOf(values);
  }

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
    ByteBuffer all = values.get(name);
    if (all == null
        || byteOffset < 0
        || byteOffset > (long) all.capacity() - destination.remaining()) {
      throw new WeightsException(
          "Bytes %d to %d of \"%s\" were asked for; there are %d."
              .formatted(
                  byteOffset,
                  byteOffset + destination.remaining(),
                  name,
                  all == null ? 0 : all.capacity()));
    }
    destination.put(all.slice((int) byteOffset, destination.remaining()));
  }

  /** Collects tensors, in the order in which they are listed later. */
  public static final class Builder {
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, ByteBuffer> values = new LinkedHashMap<>();

    private Builder() {}

    /**
     * Adds a tensor of floats.
     *
     * @param name its name
     * @param shape its shape
     * @param floats its values, which are copied
     * @return this builder
     */
    public Builder add(String name, List<Long> shape, float[] floats) {
      ByteBuffer bytes = buffer(name, DType.F32, shape, floats.length);
      bytes.asFloatBuffer().put(floats);
      return this;
    }

    /**
     * Adds a tensor of whole numbers.
     *
     * @param name its name
     * @param shape its shape
     * @param numbers its values, which are copied
     * @return this builder
     */
    public Builder add(String name, List<Long> shape, long[] numbers) {
      ByteBuffer bytes = buffer(name, DType.I64, shape, numbers.length);
      bytes.asLongBuffer().put(numbers);
      return this;
    }

    private ByteBuffer buffer(String name, DType dtype, List<Long> shape, int count) {
      TensorInfo info = new TensorInfo(dtype, shape);
      if (info.count() != count) {
        throw new WeightsException(
            "The tensor \"%s\" of shape %s was given %d values; expected %d."
                .formatted(name, shape, count, info.count()));
      }
      ByteBuffer bytes =
          ByteBuffer.allocate(Math.toIntExact(info.byteSize())).order(ByteOrder.LITTLE_ENDIAN);
      tensors.put(name, info);
      values.put(name, bytes);
      return bytes;
    }

    /**
     * Builds the weights.
     *
     * @return the tensors that were added
     */
    public MemoryWeights build() {
      return new MemoryWeights(tensors, values);
    }
  }
}
