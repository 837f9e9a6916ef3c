package io.github.controlnet.engine;

import java.util.List;

/** The network that predicts what the sampler asks for: the U-Net. */
public interface Denoiser extends Component {

  /**
   * Prepares a generation: what stays the same over its steps is computed once, here. May be called
   * by several threads.
   *
   * @param shape the shape of what the network reads: [images, {@link DenoiserSpec#inChannels()},
   *     latent rows, latent columns], each at least 1
   * @param conditioning the texts of each branch and what goes along, of as many images
   * @return a run; the caller closes it, before {@link #release()}
   * @throws IllegalArgumentException when shape or conditioning do not fit the network
   * @throws io.github.controlnet.exception.EngineException when the weights are not loaded, or
   *     computing fails
   */
  Run start(LatentShape shape, Conditioning conditioning);

  /** A denoiser prepared for one generation. Used by one thread at a time. */
  interface Run extends AutoCloseable {

    /**
     * Predicts.
     *
     * @param latents the scaled latents, of the run's shape, row-major; the same for all branches
     * @param timestep the timestep, finite; 0 to 999 for Stable Diffusion, fractions included
     * @param controls what the controls add, already computed at this timestep; may be empty
     * @return the prediction, [branches, images, {@link DenoiserSpec#outChannels()}, height,
     *     width], row-major
     * @throws IllegalArgumentException when latents, timestep or controls do not fit the run
     * @throws io.github.controlnet.exception.EngineException when the run is closed, or computing
     *     fails
     */
    float[] predict(float[] latents, double timestep, List<ControlSignal> controls);

    /** Frees what the run holds. Closing twice does nothing. */
    @Override
    void close();
  }
}
