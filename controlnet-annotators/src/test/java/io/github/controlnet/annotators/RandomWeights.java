package io.github.controlnet.annotators;

import io.github.controlnet.core.random.TorchGenerator;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;

/**
 * Weights files of full width that need not be stored: every tensor is drawn from torch's generator
 * with the checksum of its name as the seed, as {@code src/test/tools/learned_fixtures.py} does. A
 * list gives name, shape, mean and standard deviation of each.
 */
public final class RandomWeights {
  /** Long tensors repeat their first values; a prime, so that rows do not repeat. */
  private static final int BLOCK = 65_521;

  private static final Map<String, Path> FILES = new ConcurrentHashMap<>();

  private RandomWeights() {}

  private record Tensor(String name, long[] shape, float mean, float deviation) {
    static Tensor parse(String line) {
      String[] words = line.split(" ", -1);
      long[] shape =
          words[1].isEmpty()
              ? new long[0]
              : Arrays.stream(words[1].split("x", -1)).mapToLong(Long::parseLong).toArray();
      return new Tensor(words[0], shape, Float.parseFloat(words[2]), Float.parseFloat(words[3]));
    }

    int count() {
      return Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    }

    byte[] draw() {
      CRC32 seed = new CRC32();
      seed.update(name.getBytes(StandardCharsets.UTF_8));
      int count = count();
      float[] block = new TorchGenerator(seed.getValue()).randn(Math.min(BLOCK, count));
      ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < count; i++) {
        bytes.putFloat(mean + deviation * block[i % BLOCK]);
      }
      return bytes.array();
    }
  }

  /** Returns a safetensors file by the list {@code learned/NAME.weights}; written once. */
  public static Path file(String name) {
    return FILES.computeIfAbsent(name, RandomWeights::write);
  }

  private static Path write(String name) {
    Tensor[] tensors =
        Resources.lines("learned/" + name + ".weights").stream()
            .map(Tensor::parse)
            .toArray(Tensor[]::new);
    StringJoiner header = new StringJoiner(",", "{", "}");
    long end = 0;
    for (Tensor tensor : tensors) {
      long start = end;
      end += 4L * tensor.count();
      header.add(
          "\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
              .formatted(tensor.name(), Arrays.toString(tensor.shape()), start, end));
    }
    byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
    try {
      Path file = Files.createTempFile("weights-" + name + "-", ".safetensors");
      file.toFile().deleteOnExit();
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
        out.write(
            ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
        out.write(text);
        for (Tensor tensor : tensors) {
          out.write(tensor.draw());
        }
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
