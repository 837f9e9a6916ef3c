package io.github.controlnet.image;

/** How pixels are computed when an image is resized; each equal to OpenCV's method of that name. */
public enum Resampling {
  /** The nearest pixel: {@code INTER_NEAREST}. */
  NEAREST,
  /** Between the four nearest: {@code INTER_LINEAR}. */
  BILINEAR,
  /** The mean of the covered area, for reducing: {@code INTER_AREA}. */
  AREA,
  /** Lanczos over 8 x 8 pixels, for enlarging: {@code INTER_LANCZOS4}. */
  LANCZOS4
}
