package io.github.controlnet.core.hub;

import java.util.Locale;

/** Writes sizes for people. */
final class Sizes {
  private Sizes() {}

  static String text(long bytes) {
    if (bytes < 10_000) {
      return bytes + " bytes";
    }
    return bytes < 1_000_000_000
        ? String.format(Locale.ROOT, "%.2f MB", bytes / 1e6)
        : String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
  }
}
