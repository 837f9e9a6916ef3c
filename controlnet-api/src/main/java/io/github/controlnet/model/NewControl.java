package io.github.controlnet.model;

import io.github.controlnet.internal.Values;
import java.util.List;

/**
 * How a new control is made from a base. {@link #defaults()} are those of the original code and of
 * diffusers.
 *
 * @param seed of the random numbers, as {@code torch.manual_seed} takes it
 * @param hintChannels channels of the control maps, 1 to 64; 3 for RGB
 * @param hintWidths channels of the hint block's stages, each 1 to 4096; between two stages the
 *     size is halved, so that there is one stage more than the autoencoder halves; empty for as
 *     many of 16, 32, 96, 256 as the base's autoencoder needs
 * @param hintInitialization how the hint block begins
 * @param zeroConvolutions how the zero convolutions begin
 */
public record NewControl(
    long seed,
    int hintChannels,
    List<Integer> hintWidths,
    HintInitialization hintInitialization,
    ZeroConvolutions zeroConvolutions) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException when one is out of its range
   */
  public NewControl {
    Values.between(hintChannels, 1, 64, "the number of hint channels");
    Values.nonNull(hintInitialization, "the initialization of the hint block");
    Values.nonNull(zeroConvolutions, "the beginning of the zero convolutions");
    hintWidths = List.copyOf(hintWidths);
    Values.between(hintWidths.size(), 0, 16, "the number of hint widths");
    for (int width : hintWidths) {
      Values.between(width, 1, 4096, "a hint width");
    }
  }

  /**
   * Returns seed 0, RGB, widths that fit the base, PyTorch's initialization, zero convolutions of
   * zero.
   *
   * @return the defaults
   */
  public static NewControl defaults() {
    return new NewControl(0, 3, List.of(), HintInitialization.PYTORCH, ZeroConvolutions.ZERO);
  }

  /**
   * Sets the seed.
   *
   * @param number any; its lower 32 bits count, as in PyTorch
   * @return a new value
   */
  public NewControl withSeed(long number) {
    return new NewControl(number, hintChannels, hintWidths, hintInitialization, zeroConvolutions);
  }

  /**
   * Sets the channels of the control maps.
   *
   * @param channels 1 to 64
   * @return a new value
   * @throws IllegalArgumentException when it is not
   */
  public NewControl withHintChannels(int channels) {
    return new NewControl(seed, channels, hintWidths, hintInitialization, zeroConvolutions);
  }

  /**
   * Sets the channels of the hint block's stages.
   *
   * @param widths one more than the autoencoder halves the size: four for Stable Diffusion
   * @return a new value
   * @throws IllegalArgumentException when one is not usable
   */
  public NewControl withHintWidths(List<Integer> widths) {
    return new NewControl(seed, hintChannels, widths, hintInitialization, zeroConvolutions);
  }

  /**
   * Sets how the hint block begins.
   *
   * @param initialization which
   * @return a new value
   */
  public NewControl withHintInitialization(HintInitialization initialization) {
    return new NewControl(seed, hintChannels, hintWidths, initialization, zeroConvolutions);
  }

  /**
   * Sets how the zero convolutions begin.
   *
   * @param beginning which
   * @return a new value
   */
  public NewControl withZeroConvolutions(ZeroConvolutions beginning) {
    return new NewControl(seed, hintChannels, hintWidths, hintInitialization, beginning);
  }
}
