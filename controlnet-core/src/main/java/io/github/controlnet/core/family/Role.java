package io.github.controlnet.core.family;

/** A component of a model that weights may hold. */
public enum Role {
  /** The network that reads texts. */
  TEXT_ENCODER(
      "text encoder",
      "the text encoder with textEncoder(Path) of the pipeline's builder or --text-encoder"),
  /** The network that denoises. */
  UNET("U-Net", "the U-Net as the base"),
  /** The network between pictures and latents. */
  AUTOENCODER("VAE", "the VAE with vae(Path) of the pipeline's builder or --vae"),
  /** The network that reads control maps. */
  CONTROL("control", "the control with control(ControlModel) or --control");

  private final String displayName;
  private final String option;

  Role(String displayName, String option) {
    this.displayName = displayName;
    this.option = option;
  }

  /**
   * Returns how to give it apart from the rest.
   *
   * @return words for a sentence
   */
  public String option() {
    return option;
  }

  /**
   * Returns the name to show to people.
   *
   * @return as it stands within a sentence
   */
  public String displayName() {
    return displayName;
  }
}
