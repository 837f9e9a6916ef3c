package io.github.controlnet.engine;

import java.util.List;

/**
 * A network that reads a control map (the hint) and adds to the denoiser: a ControlNet, which is a
 * trainable copy of the U-Net's encoder.
 */
public interface ControlNetwork extends Component {

  /**
   * Prepares a generation; the hint is embedded and its mask brought to the residuals' sizes once,
   * here. May be called by several threads.
   *
   * @param shape the latents' shape, each side at least 1
   * @param conditioning what the denoiser is conditioned on
   * @param branches the branches that the control acts on, as indices into the conditioning's, in
   *     ascending order, at least one; guess mode leaves out the unconditional one
   * @param hint the control map; each residual is multiplied with its mask (after pooling, for a
   *     control that pools), resized as {@link ControlMask#resized} does
   * @return a run; the caller closes it, before {@link #release()}
   * @throws IllegalArgumentException when any of them does not fit the network
   * @throws io.github.controlnet.exception.EngineException when the weights are not loaded, or
   *     computing fails
   */
  Run start(LatentShape shape, Conditioning conditioning, List<Integer> branches, Hint hint);

  /** A control network prepared for one generation. Used by one thread at a time. */
  interface Run extends AutoCloseable {

    /**
     * Computes the residuals.
     *
     * @param latents the scaled latents, of the run's shape, row-major
     * @param timestep the timestep, finite; 0 to 999 for Stable Diffusion, fractions included
     * @return the residuals of the run's branches; the caller closes them
     * @throws IllegalArgumentException when latents or timestep do not fit
     * @throws io.github.controlnet.exception.EngineException when the run is closed, or computing
     *     fails
     */
    ControlResiduals residuals(float[] latents, double timestep);

    /** Frees what the run holds. Closing twice does nothing. */
    @Override
    void close();
  }
}
