package io.github.controlnet.core.files;

import io.github.controlnet.core.files.TorchTensors.Placed;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** A PyTorch checkpoint of either format, once its tensors have been found. */
final class TorchFile extends SingleFile {
  private final Map<String, Placed> placed;

  TorchFile(PositionalFile file, String format, TorchTensors found) {
    super(file, format, infos(found.tensors()), found.narrow(), found.foreign());
    this.placed = found.tensors();
  }

  private static Map<String, TensorInfo> infos(Map<String, Placed> placed) {
    Map<String, TensorInfo> infos = new LinkedHashMap<>();
    placed.forEach((name, tensor) -> infos.put(name, tensor.info()));
    return infos;
  }

  @Override
  void readStored(String name, long byteOffset, ByteBuffer destination) {
    Placed tensor = placed.get(name);
    if (tensor == null) {
      throw Reading.unknown(path(), name);
    }
    if (StridedRead.isContiguous(tensor.info().shape(), tensor.strides())) {
      file().read(tensor.position() + byteOffset, destination);
    } else {
      new StridedRead(file(), tensor).read(byteOffset, destination);
    }
  }
}
