package io.github.controlnet.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads the text chunks of a PNG as its specification has them, with no help of ImageIO. */
final class PngChunks {
  private PngChunks() {}

  static Map<String, String> text(Path file) {
    try {
      return text(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Map<String, String> text(byte[] png) {
    Map<String, String> texts = new LinkedHashMap<>();
    ByteBuffer buffer = ByteBuffer.wrap(png).position(8);
    while (buffer.remaining() >= 12) {
      byte[] data = new byte[buffer.getInt()];
      byte[] type = new byte[4];
      buffer.get(type).get(data).getInt();
      int zero = 0;
      while (zero < data.length && data[zero] != 0) {
        zero++;
      }
      String key = new String(data, 0, zero, StandardCharsets.ISO_8859_1);
      switch (new String(type, StandardCharsets.US_ASCII)) {
        case "tEXt" ->
            texts.put(
                key,
                new String(data, zero + 1, data.length - zero - 1, StandardCharsets.ISO_8859_1));
        case "iTXt" -> {
          // Not compressed, method 0, an empty language and an empty translated keyword.
          if (data[zero + 1] != 0 || data[zero + 3] != 0 || data[zero + 4] != 0) {
            throw new IllegalArgumentException("unexpected iTXt header");
          }
          texts.put(
              "i:" + key,
              new String(data, zero + 5, data.length - zero - 5, StandardCharsets.UTF_8));
        }
        default -> {}
      }
    }
    return texts;
  }
}
