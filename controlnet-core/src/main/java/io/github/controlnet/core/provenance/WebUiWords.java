package io.github.controlnet.core.provenance;

import io.github.controlnet.ControlMode;
import io.github.controlnet.image.ResizeMode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How Stable Diffusion web UI and its ControlNet extension spell the values of options, over the
 * years. Case and surrounding blanks do not matter.
 */
public final class WebUiWords {
  private static final Map<String, ResizeMode> RESIZE_MODES =
      Map.of(
          "just resize", ResizeMode.STRETCH,
          "crop and resize", ResizeMode.CROP,
          "inner fit (scale to fit)", ResizeMode.CROP,
          "scale to fit (inner fit)", ResizeMode.CROP,
          "resize and fill", ResizeMode.FILL,
          "outer fit (shrink to fit)", ResizeMode.FILL,
          "envelope (outer fit)", ResizeMode.FILL);

  private static final Map<String, ControlMode> CONTROL_MODES =
      Map.of(
          "balanced", ControlMode.BALANCED,
          "my prompt is more important", ControlMode.PROMPT,
          "controlnet is more important", ControlMode.CONTROL);

  private WebUiWords() {}

  /**
   * Reads a resize mode.
   *
   * @param word such as {@code Crop and Resize}
   * @return the mode; empty for other words
   */
  public static Optional<ResizeMode> resizeMode(String word) {
    return Optional.ofNullable(RESIZE_MODES.get(plain(word)));
  }

  /**
   * Reads a control mode.
   *
   * @param word such as {@code My prompt is more important}
   * @return the mode; empty for other words
   */
  public static Optional<ControlMode> controlMode(String word) {
    return Optional.ofNullable(CONTROL_MODES.get(plain(word)));
  }

  private static String plain(String word) {
    return word.strip().toLowerCase(Locale.ROOT);
  }
}
