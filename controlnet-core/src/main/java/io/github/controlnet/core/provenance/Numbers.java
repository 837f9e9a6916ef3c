package io.github.controlnet.core.provenance;

import io.github.controlnet.exception.InvalidRequestException;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/** Numbers as other programs write them. */
final class Numbers {
  private static final int LONGEST = 40;
  private static final int LATENT = 8;
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(?:[0-9]++(?:\\.[0-9]*+)?|\\.[0-9]++)(?:[eE][+-]?[0-9]{1,3})?");

  private Numbers() {}

  /** Tells whether a text is a decimal number, which Double reads. */
  static boolean isDecimal(String text) {
    return text.length() <= LONGEST && DECIMAL.matcher(text).matches();
  }

  /** Refuses a size that no latents have. */
  static void checkSize(int width, int height) {
    if (width % LATENT != 0 || height % LATENT != 0) {
      throw new InvalidRequestException(
          "The size is %d x %d; expected multiples of %d.".formatted(width, height, LATENT));
    }
  }

  /** A number as people write it, without the fraction of whole ones. */
  static String text(OptionalDouble number) {
    return WebUiText.number(number.orElse(Double.NaN));
  }
}
