package io.github.controlnet.core.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The header of a small safetensors file, parsed by nothing of ours. */
record WrittenFile(JsonNode header, int headerLength) {
  static WrittenFile open(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
      return new WrittenFile(new ObjectMapper().readTree(bytes, 8, length), length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String dtype(String name) {
    return header.path(name).path("dtype").asText();
  }

  Map<String, String> metadata() {
    Map<String, String> all = new TreeMap<>();
    header
        .path("__metadata__")
        .properties()
        .forEach(e -> all.put(e.getKey(), e.getValue().asText()));
    return all;
  }
}
