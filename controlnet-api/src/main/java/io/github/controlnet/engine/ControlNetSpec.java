package io.github.controlnet.engine;

import java.util.List;

/**
 * The sizes of a ControlNet (Zhang et al. 2023, arXiv:2302.05543).
 *
 * @param trunk the encoder and middle, as in the U-Net that it controls; {@code outChannels} has no
 *     meaning
 * @param hintChannels channels of the hint, 3 for RGB
 * @param hintWidths output channels of the hint block's convolutions but the last, in order: the
 *     first keeps the size and every later pair keeps it, then halves it; 16, 16, 32, 32, 96, 96,
 *     256 for Stable Diffusion
 * @param globalPooling whether each residual is averaged over its pixels (the 1.1 shuffle model)
 */
public record ControlNetSpec(
    UNetSpec trunk, int hintChannels, List<Integer> hintWidths, boolean globalPooling)
    implements ControlSpec {
  /** Copies the list. */
  public ControlNetSpec {
    hintWidths = List.copyOf(hintWidths);
  }

  /**
   * Returns where its residuals act.
   *
   * @return all sites of the U-Net that it is a copy of
   */
  @Override
  public List<Site> sites() {
    return trunk.sites();
  }
}
