package io.github.controlnet.tck.gaussian;

import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.ControlNetwork;
import io.github.controlnet.engine.ControlSpec;
import io.github.controlnet.engine.Denoiser;
import io.github.controlnet.engine.DenoiserSpec;
import io.github.controlnet.engine.Engine;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.TextEncoder;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.engine.WeightSource;
import java.util.Arrays;
import java.util.Map;

/**
 * The data are a Gaussian of standard deviation {@link #DEVIATION} in every latent. Its mean is
 * what the text says ({@link #mean(int[])}), plus what the controls add: the mean of the hint times
 * the mean of the scales.
 */
public final class GaussianEngine implements Engine {
  /** The standard deviation of the data. */
  public static final double DEVIATION = 0.5;

  private final Probe probe;

  /**
   * Creates an engine.
   *
   * @param probe told of what happens inside; {@link Probe#NONE} for nobody
   */
  public GaussianEngine(Probe probe) {
    this.probe = probe;
  }

  /** Is told of what happens inside the engine, for tests. */
  public interface Probe {
    /** Is told nothing. */
    Probe NONE = new Probe() {};

    /**
     * A network is about to run; what this throws, the network throws.
     *
     * @param network {@code text}, {@code control}, {@code denoiser} or {@code autoencoder}
     */
    default void running(String network) {}

    /**
     * A handle (a run, residuals) was opened.
     *
     * @param handle the handle
     */
    default void opened(Object handle) {}

    /**
     * A handle was closed for the first time.
     *
     * @param handle the handle
     */
    default void closed(Object handle) {}

    /**
     * Weights were brought into memory or let go.
     *
     * @param network the network
     * @param resident whether they are in memory now
     */
    default void residency(String network, boolean resident) {}
  }

  /**
   * Returns the mean of the data for a text.
   *
   * @param tokens the text's token ids
   * @return a number in [-1, 1]
   */
  public static double mean(int[] tokens) {
    return mean(Arrays.stream(tokens).asDoubleStream().toArray(), tokens.length);
  }

  /** The mean that the first tokens describe, by their embeddings. */
  static double mean(double[] embeddings, int tokens) {
    double sum = 0;
    for (int i = 0; i < tokens; i++) {
      sum += embeddings[i] * (i + 1);
    }
    return sum % 101 / 50 - 1;
  }

  @Override
  public Precision precision() {
    return Precision.FLOAT32;
  }

  @Override
  public Map<String, String> versions() {
    return Map.of("Gaussian", "1");
  }

  @Override
  public TextEncoder textEncoder(TextEncoderSpec spec, WeightSource weights) {
    return new GaussianTextEncoder(spec, probe);
  }

  @Override
  public Denoiser denoiser(DenoiserSpec spec, WeightSource weights) {
    return new GaussianDenoiser(probe);
  }

  @Override
  public ControlNetwork controlNetwork(ControlSpec spec, WeightSource weights) {
    return new GaussianControl(probe);
  }

  @Override
  public Autoencoder autoencoder(AutoencoderSpec spec, WeightSource weights) {
    return new PixelAutoencoder(spec.factor(), probe);
  }

  @Override
  public void close() {}
}
