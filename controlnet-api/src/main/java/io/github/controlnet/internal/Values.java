package io.github.controlnet.internal;

import java.awt.image.BufferedImage;
import org.jspecify.annotations.Nullable;

/** Checks of single values, all failing with a message that names the value and what is legal. */
public final class Values {
  private Values() {}

  public static <T> T nonNull(@Nullable T value, String what) {
    if (value == null) {
      throw new NullPointerException(
          "%s must not be null%s."
              .formatted(
                  capital(what), what.contains("prompt") ? "; use \"\" for an empty one" : ""));
    }
    return value;
  }

  /** Checks a factor; all are computed with in float32. */
  public static double finite(double value, String what) {
    if (!Float.isFinite((float) value)) {
      throw new IllegalArgumentException(
          "%s is %s; expected a finite number in float32, at most %s."
              .formatted(capital(what), value, Float.MAX_VALUE));
    }
    return value;
  }

  public static double between(double value, double low, double high, String what) {
    if (!(value >= low && value <= high)) {
      throw new IllegalArgumentException(
          "%s is %s; expected %s to %s.".formatted(capital(what), value, low, high));
    }
    return value;
  }

  public static int between(int value, int low, int high, String what) {
    if (value < low || value > high) {
      throw new IllegalArgumentException(
          "%s is %d; expected %d to %d.".formatted(capital(what), value, low, high));
    }
    return value;
  }

  /**
   * Copies an image, so that it shares no samples with what the caller holds. What was copied so
   * before is not copied again.
   */
  public static BufferedImage copy(@Nullable BufferedImage image, String what) {
    return KeptImage.of(nonNull(image, what));
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}
