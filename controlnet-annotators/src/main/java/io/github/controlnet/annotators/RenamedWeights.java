package io.github.controlnet.annotators;

import io.github.controlnet.engine.WeightSource;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** Weights under other names. */
final class RenamedWeights implements WeightSource {
  private final WeightSource source;
  private final Map<String, String> originals = new LinkedHashMap<>();
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

  RenamedWeights(WeightSource source, UnaryOperator<String> names) {
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

  /** Takes a prefix off the names that have it, such as that of torch.nn.DataParallel. */
  static UnaryOperator<String> without(String prefix) {
    return name -> name.startsWith(prefix) ? name.substring(prefix.length()) : name;
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
