package io.github.controlnet.engine;

/**
 * A place in a denoiser where a control may add a residual. Denoisers and controls list the sites
 * that they have ({@link DenoiserSpec#sites()}, {@link ControlSpec#sites()}); residuals, their
 * scales and layer weights are in that order.
 *
 * @param place what the residual is added to
 * @param index which of the places of this kind, from 0 in the order of the network
 * @param level how often the latents' size has been halved there, rounded up; 0 for their size
 * @param channels the channels of the residual
 */
public record Site(Place place, int index, int level, int channels) {
  /** What a residual is added to. */
  public enum Place {
    /** What the encoder hands to the decoder past the middle, before the decoder reads it. */
    SKIP,
    /** The output of the middle block. */
    MIDDLE
  }

  /**
   * Returns how many rows or columns a residual has here.
   *
   * @param side rows or columns of the latents, at least 1
   * @return {@code side} halved {@link #level()} times, rounded up each time
   */
  public int side(int side) {
    int result = side;
    for (int i = 0; i < level; i++) {
      result = (result + 1) / 2;
    }
    return result;
  }
}
