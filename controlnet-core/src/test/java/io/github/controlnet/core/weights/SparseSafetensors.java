package io.github.controlnet.core.weights;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Writes safetensors files of full size that take no room on disk: a header and a hole. */
public final class SparseSafetensors {
  private SparseSafetensors() {}

  /** A list of names and shapes of a published file. */
  public static Map<String, List<Long>> keys(String list) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    SparseSafetensors.class.getResourceAsStream("keys/" + list + ".txt")),
                StandardCharsets.UTF_8))) {
      reader
          .lines()
          .forEach(
              line -> {
                String[] parts = line.split(" ", 2);
                shapes.put(
                    parts[0], Arrays.stream(parts[1].split("x")).map(Long::valueOf).toList());
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return shapes;
  }

  public static long count(List<Long> shape) {
    return shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
  }

  public static long count(Map<String, List<Long>> shapes) {
    return shapes.values().stream().mapToLong(SparseSafetensors::count).sum();
  }

  /** Writes the file; returns where each tensor's values start in it. */
  public static Map<String, Long> write(
      Path path, String dtype, int bytes, Map<String, List<Long>> shapes) throws IOException {
    Map<String, Object> header = new LinkedHashMap<>();
    Map<String, Long> starts = new LinkedHashMap<>();
    long at = 0;
    for (var entry : shapes.entrySet()) {
      long size = count(entry.getValue()) * bytes;
      header.put(
          entry.getKey(),
          Map.of(
              "dtype", dtype, "shape", entry.getValue(), "data_offsets", List.of(at, at + size)));
      starts.put(entry.getKey(), at);
      at += size;
    }
    byte[] json = new ObjectMapper().writeValueAsBytes(header);
    if (path.getParent() != null) {
      Files.createDirectories(path.getParent());
    }
    try (FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.SPARSE,
            StandardOpenOption.WRITE)) {
      ByteBuffer buffer =
          ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length);
      channel.write(buffer.put(json).flip(), 0);
      if (at > 0) {
        channel.write(ByteBuffer.allocate(1), 8 + json.length + at - 1);
      }
    }
    starts.replaceAll((name, start) -> start + 8 + json.length);
    return starts;
  }
}
