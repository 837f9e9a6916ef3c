package io.github.controlnet.core.weights;

/** A component of a model that weights may hold. */
enum Part {
  TEXT_ENCODER("text encoder"),
  UNET("U-Net"),
  AUTOENCODER("VAE"),
  CONTROL("control");

  private final String displayName;

  Part(String displayName) {
    this.displayName = displayName;
  }

  String displayName() {
    return displayName;
  }
}
