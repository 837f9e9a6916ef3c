package io.github.controlnet.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The SHA-256 of weights files, where it is known without reading gigabytes: a small file is
 * hashed, and a file in a Hugging Face cache is a link to one that is named by its hash.
 */
final class WeightHashes {
  private static final long SMALL = 64L << 20;

  private WeightHashes() {}

  /** Returns the hashes by path; files whose hash is not known are left out. */
  static Map<String, String> known(List<Path> models) {
    Map<String, String> hashes = new TreeMap<>();
    for (Path model : models) {
      try (Stream<Path> files = Files.walk(model, 3)) {
        files
            .filter(Files::isRegularFile)
            .filter(file -> file.toString().matches(".*\\.(safetensors|ckpt|pth|pt|bin)"))
            .forEach(file -> hash(file).ifPresent(hash -> hashes.put(file.toString(), hash)));
      } catch (IOException | java.io.UncheckedIOException e) {
        // The weights were read; a report without their hash is better than a failure now.
        hashes.remove(model.toString());
      }
    }
    return hashes;
  }

  private static Optional<String> hash(Path file) {
    try {
      String real = String.valueOf(file.toRealPath().getFileName());
      if (real.matches("[0-9a-f]{64}")) {
        return Optional.of(real);
      }
      return Files.size(file) > SMALL
          ? Optional.empty()
          : Optional.of(
              HexFormat.of()
                  .formatHex(
                      MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file))));
    } catch (IOException e) {
      return Optional.empty();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
