package io.github.controlnet.core.export;

import io.github.controlnet.core.files.FloatFormats;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Reads whole tensors of small test models. */
public final class WeightValues {
  private WeightValues() {}

  /** All values of one tensor. */
  public static float[] floats(WeightSource source, String name) {
    TensorInfo info = Objects.requireNonNull(source.tensors().get(name), name);
    float[] values = new float[(int) info.count()];
    FloatFormats.read(info.dtype(), bytes(source, name), values, values.length);
    return values;
  }

  /** All stored bytes of one tensor. */
  public static ByteBuffer bytes(WeightSource source, String name) {
    TensorInfo info = Objects.requireNonNull(source.tensors().get(name), name);
    ByteBuffer bytes = ByteBuffer.allocate((int) info.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
    source.read(name, 0, bytes);
    return bytes.flip();
  }

  /** All tensors as stored. */
  public static Map<String, ByteBuffer> all(WeightSource source) {
    Map<String, ByteBuffer> all = new LinkedHashMap<>();
    source.tensors().keySet().forEach(name -> all.put(name, bytes(source, name)));
    return all;
  }
}
