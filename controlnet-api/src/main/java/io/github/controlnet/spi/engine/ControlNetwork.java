package io.github.controlnet.spi.engine;

import java.util.List;

/** A ControlNet: a trainable copy of the U-Net's encoder that reads a control map (the hint). */
public interface ControlNetwork extends Component {

  /**
   * Prepares a generation; the hint is embedded and its region brought to the residuals' sizes
   * once, here.
   *
   * @param shape the latents' shape
   * @param conditioning the texts of each branch of the denoiser; its states stay open as long as
   *     the run
   * @param branches the branches that the control acts on, as indices into the conditioning's, in
   *     ascending order; guess mode leaves out the unconditional one
   * @param hint the control map; each residual is multiplied with its region (after pooling, for a
   *     control that pools), resized as {@link Region#resized} does
   * @return a run; the caller closes it, before {@link #release()}
   */
  Run start(LatentShape shape, Conditioning conditioning, List<Integer> branches, Hint hint);

  /** A control network prepared for one generation. */
  interface Run extends AutoCloseable {

    /**
     * Computes the residuals.
     *
     * @param latents the scaled latents, of the run's shape
     * @param timestep the timestep
     * @return the residuals of the run's branches; the caller closes them
     */
    ControlResiduals residuals(float[] latents, double timestep);

    /** Frees what the run holds. Closing twice does nothing. */
    @Override
    void close();
  }
}
