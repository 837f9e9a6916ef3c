package io.github.controlnet.core.tensors;

import io.github.controlnet.core.files.TensorFile;
import io.github.controlnet.core.files.TensorFiles;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.WeightsException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;

/** The tensors of a file under the names that the file gives them, whatever model they are of. */
public final class StoredWeights implements WeightSource, AutoCloseable {
  private final TensorFile file;

  private StoredWeights(TensorFile file) {
    this.file = file;
  }

  /**
   * Opens a file of any supported format.
   *
   * @param file safetensors or a PyTorch checkpoint
   * @return its tensors; the caller closes them
   * @throws WeightsException when it is missing, damaged or unsafe
   */
  public static StoredWeights open(Path file) {
    return new StoredWeights(TensorFiles.open(file));
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return file.tensors();
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer destination) {
    file.read(name, byteOffset, destination);
  }

  @Override
  public void close() {
    file.close();
  }
}
