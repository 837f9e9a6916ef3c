package io.github.controlnet.training;

import org.jspecify.annotations.Nullable;

/** Checks of single values, all failing with a message that names the value and what is legal. */
final class Checks {
  private Checks() {}

  static <T> T nonNull(@Nullable T value, String what) {
    if (value == null) {
      throw new NullPointerException("There is no value for %s.".formatted(what));
    }
    return value;
  }

  static void between(double value, double low, double high, String what) {
    if (!(value >= low && value <= high)) {
      throw new IllegalArgumentException(
          "The value of %s is %s; expected %s to %s.".formatted(what, value, low, high));
    }
  }

  static void between(int value, int low, int high, String what) {
    if (value < low || value > high) {
      throw new IllegalArgumentException(
          high == Integer.MAX_VALUE
              ? "The value of %s is %d; expected %d or more.".formatted(what, value, low)
              : "The value of %s is %d; expected %d to %d.".formatted(what, value, low, high));
    }
  }

  static void multiple(int value, int of, String what) {
    if (value < 0 || value % of != 0) {
      throw new IllegalArgumentException(
          "The value of %s is %d; expected a multiple of %d, or 0.".formatted(what, value, of));
    }
  }
}
