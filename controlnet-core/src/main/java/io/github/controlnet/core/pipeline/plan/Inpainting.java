package io.github.controlnet.core.pipeline.plan;

import io.github.controlnet.exception.IncompatibleModelException;
import io.github.controlnet.exception.InvalidRequestException;

/** How a U-Net is kept to the source outside a mask. */
public enum Inpainting {
  /** There is no mask. */
  NONE,
  /** An ordinary U-Net: its latents are replaced by the source's after each step. */
  BLENDED,
  /** A U-Net made for it sees the mask and the source. */
  SHOWN;

  /**
   * Decides.
   *
   * @param masked whether the request has a mask
   * @param inputs channels that the U-Net reads
   * @param latents channels of latents
   */
  static Inpainting of(boolean masked, int inputs, int latents) {
    if (inputs == latents) {
      return masked ? BLENDED : NONE;
    }
    if (inputs != 2 * latents + 1) {
      throw new IncompatibleModelException(
          "The base's U-Net reads %d channels; expected %d, or %d of a model made for inpainting."
              .formatted(inputs, latents, 2 * latents + 1));
    }
    if (!masked) {
      throw new InvalidRequestException(
          "The base is made for inpainting; expected an init image with a mask. Use an ordinary base for anything else.");
    }
    return SHOWN;
  }
}
