package io.github.controlnet.spi.engine;

import java.util.List;

/** The U-Net that predicts noise. */
public interface Denoiser extends Component {

  /**
   * Prepares a generation: what stays the same over its steps is computed once, here.
   *
   * @param shape the latents' shape
   * @param conditioning the texts of each branch; its states stay open as long as the run
   * @return a run; the caller closes it, before {@link #release()}
   */
  Run start(LatentShape shape, Conditioning conditioning);

  /** A denoiser prepared for one generation. */
  interface Run extends AutoCloseable {

    /**
     * Predicts.
     *
     * @param latents the scaled latents, of the run's shape; the same for all branches
     * @param timestep the timestep
     * @param controls what the controls add, already computed at this timestep; may be empty
     * @return the prediction, [branches, images, channels, height, width], row-major
     */
    float[] predict(float[] latents, double timestep, List<ControlSignal> controls);

    /** Frees what the run holds. Closing twice does nothing. */
    @Override
    void close();
  }
}
