package io.github.controlnet.engine;

import java.util.List;

/**
 * What a control network is made of; the counterpart of {@link DenoiserSpec}. Kinds are added here
 * as the library learns them.
 */
public sealed interface ControlSpec permits ControlNetSpec {

  /**
   * Returns where its residuals act in the denoiser.
   *
   * @return the sites, at least one, each also among the denoiser's; residuals come in this order
   */
  List<Site> sites();

  /**
   * Returns the channels of the hint.
   *
   * @return 3 for RGB
   */
  int hintChannels();

  /**
   * Tells whether each residual is one value a channel, without a layout.
   *
   * @return true for a control that gives a style, such as the 1.1 shuffle model
   */
  boolean globalPooling();
}
