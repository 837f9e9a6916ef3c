package io.github.controlnet.image;

/** How a control map is brought to an image size of another aspect. */
public enum ResizeMode {
  /** Width and height are scaled each on their own. */
  STRETCH,
  /** Scaled until the image is covered, then the overhang is cut off evenly. */
  CROP,
  /** Scaled until it fits inside, then surrounded by black. */
  FILL
}
