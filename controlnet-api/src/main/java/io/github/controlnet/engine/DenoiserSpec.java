package io.github.controlnet.engine;

import java.util.List;

/**
 * What a denoiser is made of. Each kind of network has a record of its own sizes; an engine asks
 * which it is and refuses kinds that it does not run, with an {@link
 * io.github.controlnet.exception.EngineException} that names the record. Kinds are added here as
 * the library learns them. What does not depend on the kind, everybody else asks of this interface.
 */
public sealed interface DenoiserSpec permits UNetSpec {

  /**
   * Returns the channels of the input.
   *
   * @return those of the latents, or more where an image and a mask go along
   */
  int inChannels();

  /**
   * Returns the channels of the prediction.
   *
   * @return at least 1
   */
  int outChannels();

  /**
   * Returns the width of the hidden states that it reads.
   *
   * @return values for each token of {@link EncodedText#hiddenStates()}
   */
  int contextWidth();

  /**
   * Returns where controls may act.
   *
   * @return the sites, from the first to the last in the order of the network; empty for a network
   *     that takes no residuals
   */
  List<Site> sites();

  /**
   * Tells whether branches may be perturbed.
   *
   * @return whether {@link Conditioning#perturbed()} has a meaning for this network
   */
  boolean perturbable();
}
