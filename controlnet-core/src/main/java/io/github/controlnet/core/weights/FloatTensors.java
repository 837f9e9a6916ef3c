package io.github.controlnet.core.weights;

import io.github.controlnet.core.internal.FloatFormats;
import io.github.controlnet.spi.engine.WeightSource.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads small tensors whole. */
final class FloatTensors {
  private FloatTensors() {}

  /** All values, row-major, whatever float type they are stored in. */
  static float[] read(TensorFile file, String name, TensorInfo info) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(info.byteSize())).order(ByteOrder.LITTLE_ENDIAN);
    file.read(name, 0, bytes);
    bytes.flip();
    float[] values = new float[Math.toIntExact(info.count())];
    FloatFormats.read(info.dtype(), bytes, values, values.length);
    return values;
  }
}
