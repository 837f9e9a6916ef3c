package io.github.controlnet.core.pipeline;

import io.github.controlnet.PipelineConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/** Where a pipeline computes: what decides about the last bits of its numbers. */
final class Environment {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  private Environment() {}

  static Map<String, String> current(PipelineConfig config) {
    return Map.of(
        "processor",
        processor(),
        "cores",
        Integer.toString(Runtime.getRuntime().availableProcessors()),
        "threads",
        config.threads() == 0 ? "all" : Integer.toString(config.threads()),
        "device",
        config.device().toString(),
        "VAE tiling",
        config.vaeTiling() ? "on" : "off",
        "system",
        System.getProperty("os.name") + " " + System.getProperty("os.arch"));
  }

  private static String processor() {
    try (Stream<String> lines = Files.lines(PROCESSORS)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .orElseGet(Environment::unnamed);
    } catch (IOException | java.io.UncheckedIOException e) {
      return unnamed(); // not Linux
    }
  }

  private static String unnamed() {
    String windows = System.getenv("PROCESSOR_IDENTIFIER");
    return windows == null ? System.getProperty("os.arch") : windows;
  }
}
