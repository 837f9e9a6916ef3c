package io.github.controlnet.core.torch;

/** Settings that DJL reads from system properties when its classes load. */
public final class DjlSettings {
  private static final String NO_TRACKING = "OPT_OUT_TRACKING";

  private DjlSettings() {}

  /**
   * Keeps DJL from reporting that it was started. Call it before the first use of any DJL class; a
   * value that the application has set stays.
   */
  public static void optOutOfTracking() {
    if (System.getProperty(NO_TRACKING) == null && System.getenv(NO_TRACKING) == null) {
      System.setProperty(NO_TRACKING, "true");
    }
  }
}
