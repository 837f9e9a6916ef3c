package io.github.controlnet.core.weights;

/** The base family that weights belong to. Parts of different families do not fit together. */
public enum ModelFamily {
  /** Stable Diffusion 1.x and other sizes of the same design. */
  STABLE_DIFFUSION_1("Stable Diffusion 1.x"),
  /** Stable Diffusion 2.x: text states of 1024, 64 channels an attention head. */
  STABLE_DIFFUSION_2("Stable Diffusion 2.x"),
  /** Stable Diffusion XL: two text encoders, text states of 2048. */
  STABLE_DIFFUSION_XL("Stable Diffusion XL"),
  /** None that is known here. */
  UNKNOWN("an unknown family");

  private final String displayName;

  ModelFamily(String displayName) {
    this.displayName = displayName;
  }

  /**
   * Returns the name to show to people.
   *
   * @return such as {@code Stable Diffusion 1.x}
   */
  public String displayName() {
    return displayName;
  }
}
