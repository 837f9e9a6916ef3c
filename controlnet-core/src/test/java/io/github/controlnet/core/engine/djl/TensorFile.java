package io.github.controlnet.core.engine.djl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.spi.engine.WeightSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A small safetensors file in memory; also a source of weights. */
final class TensorFile implements WeightSource {
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, Integer> offsets = new LinkedHashMap<>();
  private final ByteBuffer bytes;

  TensorFile(Path file) {
    try {
      bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      int header = Math.toIntExact(bytes.getLong(0));
      JsonNode root = new ObjectMapper().readTree(bytes.array(), 8, header);
      for (Map.Entry<String, JsonNode> entry : root.properties()) {
        if (entry.getKey().equals("__metadata__")) {
          continue;
        }
        List<Long> shape = new ArrayList<>();
        entry.getValue().get("shape").forEach(side -> shape.add(side.longValue()));
        String name = entry.getKey();
        DType dtype = DType.valueOf(entry.getValue().get("dtype").textValue());
        tensors.put(name, new TensorInfo(dtype, shape));
        offsets.put(name, 8 + header + entry.getValue().get("data_offsets").get(0).intValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer destination) {
    int from = offset(name) + Math.toIntExact(byteOffset);
    destination.put(bytes.slice(from, destination.remaining()));
  }

  float[] floats(String name) {
    float[] values = new float[Math.toIntExact(info(name).count())];
    bytes
        .slice(offset(name), 4 * values.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    return values;
  }

  private int offset(String name) {
    return Objects.requireNonNull(offsets.get(name), name);
  }

  TensorInfo info(String name) {
    TensorInfo info = tensors.get(name);
    if (info == null) {
      throw new IllegalArgumentException(name + " is not among " + tensors.keySet());
    }
    return info;
  }
}
