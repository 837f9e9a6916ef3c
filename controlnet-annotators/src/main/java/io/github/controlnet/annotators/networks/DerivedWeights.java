package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.files.FloatFormats;
import io.github.controlnet.core.nn.Derivation;
import io.github.controlnet.core.nn.Derivation.Part;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Parameter;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.WeightsException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Stored weights, and those that are computed from them while they are read. */
public final class DerivedWeights implements WeightSource {
  private static final int NAMED = 3;

  private final WeightSource source;
  private final Map<String, Derivation> derivations;
  private final Map<String, TensorInfo> tensors;

  /**
   * Adds the weights that a network derives.
   *
   * @param source has the stored ones
   * @param graph the network
   * @throws WeightsException when a stored one is missing or has another shape
   */
  public DerivedWeights(WeightSource source, Graph graph) {
    this.source = source;
    this.derivations = new LinkedHashMap<>();
    this.tensors = new LinkedHashMap<>(source.tensors());
    for (Parameter parameter : graph.parameters().values()) {
      parameter.derivation().ifPresent(each -> derivations.put(parameter.name(), each));
    }
    check(source.tensors());
    for (Parameter parameter : graph.parameters().values()) {
      if (parameter.derivation().isPresent()) {
        tensors.put(parameter.name(), new TensorInfo(DType.F32, parameter.shape()));
      }
    }
  }

  private void check(Map<String, TensorInfo> stored) {
    Set<String> missing = new LinkedHashSet<>();
    for (Derivation derivation : derivations.values()) {
      for (Part part : derivation.parts()) {
        TensorInfo info = stored.get(part.name());
        if (info == null) {
          missing.add(part.name());
        } else if (!info.shape().equals(part.shape())) {
          throw new WeightsException(
              "the weight %s has shape %s, expected %s; the file is of another kind."
                  .formatted(part.name(), info.shape(), part.shape()));
        }
      }
    }
    if (!missing.isEmpty()) {
      throw new WeightsException(
          "%d weights are missing (%s%s); the file is incomplete or of another kind."
              .formatted(
                  missing.size(),
                  String.join(", ", missing.stream().limit(NAMED).toList()),
                  missing.size() > NAMED ? ", ..." : ""));
    }
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer destination) {
    Derivation derivation = derivations.get(name);
    if (derivation == null) {
      source.read(name, byteOffset, destination);
      return;
    }
    List<float[]> parts = new ArrayList<>();
    for (Part part : derivation.parts()) {
      parts.add(stored(part.name()));
    }
    float[] values = derivation.formula().apply(parts);
    int from = Math.toIntExact(byteOffset / Float.BYTES);
    int count = destination.remaining() / Float.BYTES;
    destination.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values, from, count);
    destination.position(destination.limit());
  }

  private float[] stored(String name) {
    TensorInfo info = Objects.requireNonNull(source.tensors().get(name), name);
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(info.byteSize())).order(ByteOrder.LITTLE_ENDIAN);
    source.read(name, 0, bytes);
    float[] values = new float[Math.toIntExact(info.count())];
    FloatFormats.read(info.dtype(), bytes.flip(), values, values.length);
    return values;
  }
}
