package io.github.controlnet.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What the operating system says about this process. */
final class ProcessMemory {
  private ProcessMemory() {}

  /**
   * Returns the most memory that the process has had resident (VmHWM), heap, native memory and
   * mapped files together.
   *
   * @return bytes; empty where there is no {@code /proc}
   */
  static OptionalLong peakResidentBytes() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
          .findFirst();
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
  }
}
