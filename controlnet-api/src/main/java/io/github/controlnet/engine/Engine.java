package io.github.controlnet.engine;

import java.time.Duration;
import java.util.Map;

/**
 * Runs the four networks of Stable Diffusion with ControlNet. Coarse on purpose: encoded texts,
 * latents and predictions cross as {@code float[]}, what is larger stays behind handles that the
 * engine defines ({@link ControlResiduals}, the runs).
 *
 * <p>Creating a component loads nothing; {@link Component#load()} does. Components and runs may be
 * used from several threads, a single run by one thread at a time. Results must not depend on what
 * other threads do. Arrays that come in are not changed and not kept after the call that they came
 * with, but for those of a {@link Conditioning} or a {@link Hint}, which may be kept until the run
 * is closed; arrays that go out are the caller's own.
 */
public interface Engine extends AutoCloseable {

  /**
   * Returns the number type in which the networks run.
   *
   * @return never {@link Precision#AUTO}
   */
  Precision precision();

  /**
   * Returns what computes.
   *
   * @return names and versions, such as {@code PyTorch} and {@code 2.7.1}
   */
  Map<String, String> versions();

  /**
   * Tells how many images of a batch the denoiser and the control networks are best asked about at
   * once. The pipeline asks about larger batches in parts, with the least memory that way.
   *
   * @param shape the shape of the whole batch's latents, each side at least 1
   * @return 1 to the batch's number of images, which is the default
   */
  default int imagesAtOnce(LatentShape shape) {
    return shape.images();
  }

  /**
   * Begins a pipeline's use of this engine, which other pipelines may use as well.
   *
   * @param threads how many threads one operation may use in the session's calls, whatever other
   *     sessions ask for; 0 for all cores
   * @param exitGrace how long calls are still taken once the virtual machine exits, unless the
   *     session is closed before; the longest of all open sessions counts. Zero or more
   * @return the session; the caller closes it. By default one that changes nothing, for engines
   *     that have no threads of their own and may be used while the virtual machine exits
   */
  default EngineSession session(int threads, Duration exitGrace) {
    return NoSession.INSTANCE;
  }

  /**
   * Creates a text encoder.
   *
   * @param spec its sizes
   * @param weights its weights, under the names of {@link WeightNames}; open as long as the
   *     component
   * @return the component; the caller closes it
   */
  TextEncoder textEncoder(TextEncoderSpec spec, WeightSource weights);

  /**
   * Creates a denoiser.
   *
   * @param spec which kind of network, and its sizes
   * @param weights its weights, under the names of {@link WeightNames}; open as long as the
   *     component
   * @return the component; the caller closes it
   * @throws io.github.controlnet.exception.EngineException when the engine does not run networks of
   *     this kind
   */
  Denoiser denoiser(DenoiserSpec spec, WeightSource weights);

  /**
   * Creates a control network.
   *
   * @param spec which kind of network, and its sizes
   * @param weights its weights, under the names of {@link WeightNames}; open as long as the
   *     component
   * @return the component; the caller closes it
   * @throws io.github.controlnet.exception.EngineException when the engine does not run networks of
   *     this kind
   */
  ControlNetwork controlNetwork(ControlSpec spec, WeightSource weights);

  /**
   * Creates an autoencoder.
   *
   * @param spec which kind of network, and its sizes
   * @param weights its weights, under the names of {@link WeightNames}; open as long as the
   *     component
   * @return the component; the caller closes it
   * @throws io.github.controlnet.exception.EngineException when the engine does not run networks of
   *     this kind
   */
  Autoencoder autoencoder(AutoencoderSpec spec, WeightSource weights);

  /**
   * Frees what the engine holds. Its components have been closed before. Closing twice does
   * nothing.
   */
  @Override
  void close();
}
