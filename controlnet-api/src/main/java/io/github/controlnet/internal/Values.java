package io.github.controlnet.internal;

import io.github.controlnet.exception.InvalidRequestException;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import org.jspecify.annotations.Nullable;

/** Checks of single values, all failing with a message that names the value and what is legal. */
public final class Values {
  private Values() {}

  public static <T> T nonNull(@Nullable T value, String what) {
    if (value == null) {
      throw new InvalidRequestException(
          "%s must not be null%s."
              .formatted(
                  capital(what), what.contains("prompt") ? "; use \"\" for an empty one" : ""));
    }
    return value;
  }

  /** Checks a factor; all are computed with in float32. */
  public static double finite(double value, String what) {
    if (!Float.isFinite((float) value)) {
      throw new InvalidRequestException(
          "%s is %s; expected a finite number in float32, at most %s."
              .formatted(capital(what), value, Float.MAX_VALUE));
    }
    return value;
  }

  public static double between(double value, double low, double high, String what) {
    if (!(value >= low && value <= high)) {
      throw new InvalidRequestException(
          "%s is %s; expected %s to %s.".formatted(capital(what), value, low, high));
    }
    return value;
  }

  public static int between(int value, int low, int high, String what) {
    if (value < low || value > high) {
      throw new InvalidRequestException(
          "%s is %d; expected %d to %d.".formatted(capital(what), value, low, high));
    }
    return value;
  }

  /** Copies a picture with its kind of pixels; no two pictures share samples afterwards. */
  public static BufferedImage copy(@Nullable BufferedImage image, String what) {
    BufferedImage from = nonNull(image, what);
    WritableRaster samples =
        from.getRaster().createCompatibleWritableRaster(from.getWidth(), from.getHeight());
    from.copyData(samples);
    return new BufferedImage(from.getColorModel(), samples, from.isAlphaPremultiplied(), null);
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}
