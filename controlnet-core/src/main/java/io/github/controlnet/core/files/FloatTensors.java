package io.github.controlnet.core.files;

import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads small tensors whole. */
public final class FloatTensors {
  private FloatTensors() {}

  /** All values, row-major, whatever float type they are stored in. */
  public static float[] read(TensorFile file, String name, TensorInfo info) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(info.byteSize())).order(ByteOrder.LITTLE_ENDIAN);
    file.read(name, 0, bytes);
    bytes.flip();
    float[] values = new float[Math.toIntExact(info.count())];
    FloatFormats.read(info.dtype(), bytes, values, values.length);
    return values;
  }
}
