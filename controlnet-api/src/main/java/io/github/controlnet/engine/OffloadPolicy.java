package io.github.controlnet.engine;

/** When the weights of the parts of a model are in memory. Results do not depend on it. */
public enum OffloadPolicy {
  /** Everything stays loaded from the first use on: fastest, most memory. */
  NONE,
  /**
   * One phase at a time: the text encoder, then denoiser and controls, then the autoencoder. Parts
   * that no running generation needs are released.
   */
  MODEL,
  /** Weights are streamed block by block: least memory, slowest. */
  SEQUENTIAL
}
