package io.github.controlnet;

/**
 * What is under the white of a mask when painting begins. The four of Stable Diffusion web UI; the
 * weaker the denoising, the more of it stays to be seen.
 */
public enum MaskedContent {
  /** The image's own content. At strength 1 it is noise alone, as in diffusers. */
  ORIGINAL,
  /**
   * The colours around the mask, run into it by blurs of 256 down to 2 pixels: what was there is
   * gone, the light and the shades stay.
   */
  FILL,
  /** Latents of noise, the same that the seed gives the start. */
  NOISE,
  /** Latents of 0. */
  NOTHING
}
