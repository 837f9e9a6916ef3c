package io.github.controlnet.cli;

import io.github.controlnet.Latents;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Stores latents as a safetensors file: key {@code latents}, float32, [N, 4, H/8, W/8]. The format
 * is the length of a JSON header as 8 bytes little-endian, the header, the values.
 */
final class LatentsFile {
  private static final String HEADER = "{\"latents\":";

  private LatentsFile() {}

  /**
   * Makes sure that latents can be written to a file.
   *
   * @return whether latents are there already, which will be replaced
   * @throws CommandFailure when something else is there, or the folder cannot be written to
   */
  static boolean writable(Path file) {
    AtomicFiles.writableFolder(AtomicFiles.parent(file));
    if (!Files.exists(file)) {
      return false;
    }
    if (!Files.isRegularFile(file) || !isLatents(file)) {
      throw new CommandFailure(
          "--save-latents: %s is there and holds no latents of this command; name another file, or remove it."
              .formatted(file));
    }
    return true;
  }

  private static boolean isLatents(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] start = in.readNBytes(8 + HEADER.length());
      return start.length == 8 + HEADER.length()
          && new String(start, 8, HEADER.length(), StandardCharsets.US_ASCII).equals(HEADER);
    } catch (IOException e) {
      return false;
    }
  }

  static void write(Path file, Latents latents) {
    long bytes = (long) latents.values().length * Float.BYTES;
    StringBuilder header =
        new StringBuilder(
            (HEADER + "{\"dtype\":\"F32\",\"shape\":[%d,%d,%d,%d],\"data_offsets\":[0,%d]}}")
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
