package io.github.controlnet.cli;

import io.github.controlnet.Latents;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Stores latents as a safetensors file: key {@code latents}, float32, [N, 4, H/8, W/8]. The format
 * is the length of a JSON header as 8 bytes little-endian, the header, the values.
 */
final class LatentsFile {
  private LatentsFile() {}

  static void write(Path file, Latents latents) {
    long bytes = (long) latents.values().length * Float.BYTES;
    StringBuilder header =
        new StringBuilder(
            "{\"latents\":{\"dtype\":\"F32\",\"shape\":[%d,%d,%d,%d],\"data_offsets\":[0,%d]}}"
                .formatted(
                    latents.count(), latents.channels(), latents.height(), latents.width(), bytes));
    while (header.length() % 8 != 0) {
      header.append(' '); // readers map the values, which should be aligned
    }
    ByteBuffer content =
        ByteBuffer.allocate(Math.toIntExact(8 + header.length() + bytes))
            .order(ByteOrder.LITTLE_ENDIAN);
    content.putLong(header.length());
    content.put(header.toString().getBytes(StandardCharsets.US_ASCII));
    content.asFloatBuffer().put(latents.values());
    AtomicFiles.replace(file, content.array());
  }
}
