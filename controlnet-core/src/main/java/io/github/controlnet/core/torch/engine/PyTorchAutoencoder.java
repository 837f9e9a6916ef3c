package io.github.controlnet.core.torch.engine;

import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.models.TinyVae;
import io.github.controlnet.core.models.Vae;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Signature;
import io.github.controlnet.core.torch.Arguments;
import io.github.controlnet.core.torch.Inputs;
import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.KlAutoencoderSpec;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.TinyAutoencoderSpec;
import io.github.controlnet.engine.WeightSource;
import java.util.function.Supplier;

/**
 * The autoencoder in two script modules. Most generations only decode, so the encoder's weights (34
 * of 84 million for Stable Diffusion 1.5) come with the first picture to encode.
 */
final class PyTorchAutoencoder implements Autoencoder {
  private static final float LOWEST_LOG_VARIANCE = -30;
  private static final float HIGHEST_LOG_VARIANCE = 20;

  private final AutoencoderSpec architecture;
  private final Half decoder;
  private final Half encoder;

  private PyTorchAutoencoder(AutoencoderSpec architecture, Half decoder, Half encoder) {
    this.architecture = architecture;
    this.decoder = decoder;
    this.encoder = encoder;
  }

  static PyTorchAutoencoder of(PyTorchEngine engine, KlAutoencoderSpec spec, WeightSource weights) {
    return new PyTorchAutoencoder(
        spec,
        new Half(engine, weights, Vae.DECODE, () -> Vae.decoder(spec), true),
        new Half(engine, weights, Vae.ENCODE, () -> Vae.encoder(spec), true));
  }

  static PyTorchAutoencoder of(
      PyTorchEngine engine, TinyAutoencoderSpec spec, WeightSource weights) {
    return new PyTorchAutoencoder(
        spec,
        new Half(engine, weights, Vae.DECODE, () -> TinyVae.decoder(spec), false),
        new Half(engine, weights, Vae.ENCODE, () -> TinyVae.encoder(spec), false));
  }

  /** One direction. */
  private static final class Half extends ScriptComponent {
    private final Signature method;
    private final boolean large;

    /**
     * @param large whether it needs far more memory than a step of denoising
     */
    Half(
        PyTorchEngine engine,
        WeightSource weights,
        Signature method,
        Supplier<Graph> graph,
        boolean large) {
      super(engine, "The autoencoder", weights, () -> engine.runtime().target().lower(graph.get()));
      this.method = method;
      this.large = large;
    }

    float[] run(float[] values, long... shape) {
      return with(
          module -> {
            // Pictures are far larger than latents: what the steps left behind makes room for
            // them, and what they leave behind does not wait for the next. A tiny one, which may
            // draw after every step, leaves the steps their memory.
            trim();
            try (Arguments arguments = module.arguments(method)) {
              arguments.at(method.arguments().get(0).name()).floats(values, shape);
              return module.floats(arguments);
            } finally {
              trim();
            }
          });
    }

    private void trim() {
      if (large) {
        engine.runtime().trim();
      }
    }
  }

  @Override
  public void load() {
    decoder.load();
  }

  @Override
  public void release() {
    encoder.release();
    decoder.release();
  }

  @Override
  public boolean isResident() {
    return decoder.isResident();
  }

  @Override
  public void close() {
    try (Closing halves = new Closing()) {
      halves.add(decoder);
      halves.add(encoder);
    }
  }

  @Override
  public float[] decode(float[] latents, LatentShape shape) {
    Inputs.checkShape(shape, architecture.latentChannels());
    Inputs.checkLength("The latents", latents, shape.size());
    return decoder.run(latents, shape.images(), shape.channels(), shape.height(), shape.width());
  }

  @Override
  public LatentDistribution encode(float[] pixels, LatentShape shape) {
    if (!architecture.hasEncoder()) {
      throw new UnsupportedOperationException(
          "The autoencoder's weights hold no encoder, so no picture can be read; use a complete base model or VAE.");
    }
    Inputs.checkShape(shape, architecture.latentChannels());
    long height = (long) shape.height() * architecture.factor();
    long width = (long) shape.width() * architecture.factor();
    int channels = architecture.imageChannels();
    Inputs.checkLength("The pixels", pixels, height * width * channels * shape.images());
    decoder.requireResident();
    encoder.load();
    float[] encoded = encoder.run(pixels, shape.images(), channels, height, width);
    return architecture instanceof TinyAutoencoderSpec
        ? LatentDistribution.certain(encoded)
        : split(encoded, shape);
  }

  /** Moments [images, 2 x channels, height, width]: the means first, then the log variances. */
  private static LatentDistribution split(float[] moments, LatentShape shape) {
    float[] mean = new float[shape.size()];
    float[] logVariance = new float[shape.size()];
    int image = shape.size() / shape.images();
    for (int i = 0; i < shape.images(); i++) {
      System.arraycopy(moments, 2 * i * image, mean, i * image, image);
      System.arraycopy(moments, (2 * i + 1) * image, logVariance, i * image, image);
    }
    for (int i = 0; i < logVariance.length; i++) {
      logVariance[i] =
          Math.max(LOWEST_LOG_VARIANCE, Math.min(HIGHEST_LOG_VARIANCE, logVariance[i]));
    }
    return new LatentDistribution(mean, logVariance);
  }
}
