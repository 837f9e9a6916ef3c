package io.github.controlnet.core.torch;

import java.util.function.Supplier;

/** Settings that DJL reads from system properties, which belong to the host application. */
final class DjlSettings {
  private static final String NO_TRACKING = "OPT_OUT_TRACKING";

  private DjlSettings() {}

  /**
   * Does what starts DJL, without letting it report that: it would, once, when it looks for its
   * engines. What the application has set stays; what is set here is taken back.
   *
   * @param start uses DJL for the first time, maybe
   */
  static synchronized <T> T withoutTracking(Supplier<T> start) {
    if (System.getProperty(NO_TRACKING) != null || System.getenv(NO_TRACKING) != null) {
      return start.get();
    }
    System.setProperty(NO_TRACKING, "true");
    try {
      return start.get();
    } finally {
      System.clearProperty(NO_TRACKING);
    }
  }
}
