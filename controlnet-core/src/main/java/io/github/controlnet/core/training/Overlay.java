package io.github.controlnet.core.training;

import io.github.controlnet.engine.WeightSource;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Some tensors of one source, some of another that comes first. */
final class Overlay implements WeightSource {
  private final WeightSource below;
  private final WeightSource above;
  private final Map<String, TensorInfo> tensors;

  /**
   * Lays one source over another.
   *
   * @param names the names that there are then, each in one of the sources or both
   */
  Overlay(WeightSource below, WeightSource above, Collection<String> names) {
    this.below = below;
    this.above = above;
    Map<String, TensorInfo> all = new LinkedHashMap<>();
    for (String name : names) {
      TensorInfo info = above.tensors().get(name);
      if (info == null) {
        info = below.tensors().get(name);
      }
      if (info != null) {
        all.put(name, info);
      }
    }
    this.tensors = Collections.unmodifiableMap(all);
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer destination) {
    (above.tensors().containsKey(name) ? above : below).read(name, byteOffset, destination);
  }
}
