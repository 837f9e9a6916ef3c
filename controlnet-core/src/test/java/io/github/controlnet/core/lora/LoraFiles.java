package io.github.controlnet.core.lora;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.weights.BaseWeights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What tests of LoRA share. */
final class LoraFiles {
  private LoraFiles() {}

  /** Writes tensors of ones. */
  static Path write(Path path, Map<String, List<Long>> shapes) {
    ObjectNode header = new ObjectMapper().createObjectNode();
    int size = 0;
    for (Map.Entry<String, List<Long>> each : new TreeMap<>(shapes).entrySet()) {
      int bytes = (int) (Float.BYTES * each.getValue().stream().reduce(1L, Math::multiplyExact));
      ObjectNode tensor = header.putObject(each.getKey()).put("dtype", "F32");
      each.getValue().forEach(tensor.withArray("shape")::add);
      tensor.putArray("data_offsets").add(size).add(size + bytes);
      size += bytes;
    }
    byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + text.length + size).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(text.length).put(text);
    while (file.hasRemaining()) {
      file.putFloat(1);
    }
    try {
      return Files.write(path, file.array());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static BaseModules modules(BaseWeights base) {
    return new BaseModules(
        "tiny",
        base.family(),
        Map.of(Role.UNET, base.unetWeights(), Role.TEXT_ENCODER, base.textEncoderWeights()));
  }
}
