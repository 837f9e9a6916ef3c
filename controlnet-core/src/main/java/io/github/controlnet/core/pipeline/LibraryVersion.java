package io.github.controlnet.core.pipeline;

import java.util.Objects;

/** The version of this library, as its jar tells it. */
final class LibraryVersion {
  private LibraryVersion() {}

  static String get() {
    return Objects.requireNonNullElse(
        LibraryVersion.class.getPackage().getImplementationVersion(), "development");
  }
}
