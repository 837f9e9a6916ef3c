package io.github.controlnet.core.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the processor can do. */
public final class Processor {
  private Processor() {}

  /**
   * Tells whether bfloat16 is computed in hardware. PyTorch's own answer is also true where it is
   * only emulated, so the processor's flags are read.
   */
  public static boolean hasBfloat16() {
    Set<String> flags = flags();
    return flags.contains("avx512_bf16") || flags.contains("amx_bf16");
  }

  /** Tells whether bfloat16 is computed in tiles (AMX), several times faster than in vectors. */
  static boolean hasTiles() {
    return flags().contains("amx_bf16");
  }

  private static Set<String> flags() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
        if (line.startsWith("flags")) {
          return new HashSet<>(
              List.of(line.substring(line.indexOf(':') + 1).strip().split("\\s+")));
        }
      }
      return Set.of();
    } catch (IOException e) {
      return Set.of(); // not Linux
    }
  }
}
