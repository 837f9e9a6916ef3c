package io.github.controlnet.core.weights;

/** A component of a model that weights may hold. */
enum Part {
  TEXT_ENCODER(
      "text encoder",
      "the text encoder with textEncoder(Path) of the pipeline's builder or --text-encoder"),
  UNET("U-Net", "the U-Net as the base"),
  AUTOENCODER("VAE", "the VAE with vae(Path) of the pipeline's builder or --vae"),
  CONTROL("control", "the control with control(ControlModel) or --control");

  private final String displayName;
  private final String option;

  Part(String displayName, String option) {
    this.displayName = displayName;
    this.option = option;
  }

  /** How to give it apart from the rest, for messages. */
  String option() {
    return option;
  }

  String displayName() {
    return displayName;
  }
}
