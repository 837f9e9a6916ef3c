package io.github.controlnet.core.training;

import io.github.controlnet.exception.InvalidRequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The memory that the whole process has resident: heap, native memory and mapped files. */
final class ResidentMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long PAUSE_NANOS = 2_000_000;

  private ResidentMemory() {}

  /**
   * Returns what is resident now, in bytes.
   *
   * @throws InvalidRequestException where there is no {@code /proc}
   */
  static long now() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
    } catch (IOException e) {
      throw unknown(e);
    }
    throw unknown(null);
  }

  private static InvalidRequestException unknown(@Nullable IOException e) {
    return new InvalidRequestException(
        "How much memory is used can be read on Linux alone (%s); choose batch_size and accumulation yourself, without memory_limit_megabytes."
            .formatted(STATUS),
        e);
  }

  /** Returns the most that was resident while something ran, in bytes. */
  static long peak(Runnable work) {
    AtomicLong peak = new AtomicLong(now());
    AtomicBoolean done = new AtomicBoolean();
    Thread watch =
        new Thread(
            () -> {
              while (!done.get()) {
                peak.accumulateAndGet(now(), Math::max);
                LockSupport.parkNanos(PAUSE_NANOS);
              }
            },
            "controlnet-memory");
    watch.setDaemon(true);
    watch.start();
    try {
      work.run();
    } finally {
      done.set(true);
    }
    return peak.accumulateAndGet(now(), Math::max);
  }
}
