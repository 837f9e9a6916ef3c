package io.github.controlnet.core.tensors;

import io.github.controlnet.core.files.TensorFile;
import io.github.controlnet.exception.WeightsException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** One component's weights: canonical names over what the files call them. */
public final class MappedWeights implements StoredSource {
  private final Map<String, Stored> stored;
  private final Map<String, TensorInfo> tensors;

  public MappedWeights(Map<String, Stored> stored) {
    this.stored = Collections.unmodifiableMap(new TreeMap<>(stored));
    Map<String, TensorInfo> infos = new LinkedHashMap<>();
    this.stored.forEach((name, tensor) -> infos.put(name, tensor.info()));
    this.tensors = Collections.unmodifiableMap(infos);
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer destination) {
    Stored tensor = stored.get(name);
    if (tensor == null) {
      throw new WeightsException("There is no tensor \"%s\" in these weights.".formatted(name));
    }
    tensor.file().read(tensor.name(), byteOffset, destination);
  }

  @Override
  public Object origin() {
    IdentityHashMap<TensorFile, Object> files = new IdentityHashMap<>();
    Map<String, Place> places = new HashMap<>();
    stored.forEach(
        (name, tensor) -> {
          Object file = files.computeIfAbsent(tensor.file(), TensorFile::identities);
          places.put(name, new Place(file, tensor.name(), tensor.info()));
        });
    return places;
  }

  private record Place(Object file, String name, TensorInfo info) {}

  /** Where each tensor comes from. */
  public Map<String, Stored> stored() {
    return stored;
  }

  /**
   * A tensor in a file.
   *
   * @param file the file
   * @param name its name there
   * @param info its type and its canonical shape, which may drop sides of 1
   */
  public record Stored(TensorFile file, String name, TensorInfo info) {}
}
