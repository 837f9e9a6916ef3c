package io.github.controlnet.core.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** What the processor can do. */
public final class Processor {
  private Processor() {}

  /**
   * Tells whether bfloat16 is computed in hardware. PyTorch's own answer is also true where it is
   * only emulated, so the processor's flags are read.
   */
  public static boolean hasBfloat16() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
        if (line.startsWith("flags")) {
          Set<String> flags = Set.of(line.substring(line.indexOf(':') + 1).strip().split("\\s+"));
          return flags.contains("avx512_bf16") || flags.contains("amx_bf16");
        }
      }
      return false;
    } catch (IOException | IllegalArgumentException e) {
      return false; // not Linux
    }
  }
}
