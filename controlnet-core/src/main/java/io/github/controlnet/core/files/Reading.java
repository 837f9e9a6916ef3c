package io.github.controlnet.core.files;

import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Checks that every read begins with. */
public final class Reading {
  private Reading() {}

  static TensorInfo requireRange(
      TensorFile file, String name, long byteOffset, ByteBuffer destination) {
    TensorInfo info = file.tensors().get(name);
    if (info == null) {
      throw unknown(file.path(), name);
    }
    long size = info.byteSize();
    if (byteOffset < 0 || byteOffset > size - destination.remaining()) {
      throw new WeightsException(
          "Bytes %d to %d of \"%s\" in %s were asked for; it has %d."
              .formatted(
                  byteOffset, byteOffset + destination.remaining(), name, file.path(), size));
    }
    return info;
  }

  public static WeightsException unknown(Path path, String name) {
    return new WeightsException("%s has no tensor \"%s\".".formatted(path, name));
  }
}
