package io.github.controlnet.core.weights;

import io.github.controlnet.core.weights.TorchTensors.Placed;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** A PyTorch checkpoint of either format, once its tensors have been found. */
final class TorchFile implements TensorFile {
  private final PositionalFile file;
  private final String format;
  private final Map<String, Placed> placed;
  private final Map<String, TensorInfo> tensors;
  private final Map<String, String> foreign;

  TorchFile(PositionalFile file, String format, TorchTensors found) {
    this.file = file;
    this.format = format;
    this.placed = found.tensors();
    this.foreign = Collections.unmodifiableMap(found.foreign());
    Map<String, TensorInfo> infos = new LinkedHashMap<>();
    placed.forEach((name, tensor) -> infos.put(name, tensor.info()));
    this.tensors = Collections.unmodifiableMap(infos);
  }

  @Override
  public Path path() {
    return file.path();
  }

  @Override
  public String format() {
    return format;
  }

  @Override
  public Map<String, String> foreign() {
    return foreign;
  }

  @Override
  public Map<Path, Long> sizes() {
    return Map.of(file.path(), file.size());
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer destination) {
    TensorInfo info = Reading.requireRange(this, name, byteOffset, destination);
    Placed tensor = placed.get(name);
    if (tensor == null) {
      throw Reading.unknown(path(), name);
    }
    if (!destination.hasRemaining()) {
      return;
    }
    if (StridedRead.isContiguous(info.shape(), tensor.strides())) {
      file.read(tensor.position() + byteOffset, destination);
    } else {
      new StridedRead(file, tensor).read(byteOffset, destination);
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
