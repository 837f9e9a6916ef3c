package io.github.controlnet.annotators.networks;

import io.github.controlnet.engine.WeightSource;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** Weights under other names. */
public final class RenamedWeights implements WeightSource {
  private static final String PARALLEL = "module.";

  private final WeightSource source;
  private final Map<String, String> originals = new LinkedHashMap<>();
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

  /**
   * Renames weights.
   *
   * @param source the weights
   * @param names from their names to the new ones
   */
  public RenamedWeights(WeightSource source, UnaryOperator<String> names) {
    this.source = source;
    source
        .tensors()
        .forEach(
            (original, info) -> {
              String name = names.apply(original);
              originals.put(name, original);
              tensors.put(name, info);
            });
  }

  /** Takes off what torch.nn.DataParallel puts before names. */
  static String ofOneDevice(String name) {
    return name.startsWith(PARALLEL) ? name.substring(PARALLEL.length()) : name;
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer destination) {
    source.read(Objects.requireNonNull(originals.get(name), name), byteOffset, destination);
  }
}
