package io.github.controlnet.core.engine.djl;

import io.github.controlnet.InvalidRequestException;
import io.github.controlnet.core.network.Arguments;
import io.github.controlnet.spi.engine.Autoencoder;
import io.github.controlnet.spi.engine.AutoencoderArchitecture;
import io.github.controlnet.spi.engine.LatentShape;
import io.github.controlnet.spi.engine.WeightSource;

/** The autoencoder in a script module. */
final class PyTorchAutoencoder extends ScriptComponent implements Autoencoder {
  private static final float LOWEST_LOG_VARIANCE = -30;
  private static final float HIGHEST_LOG_VARIANCE = 20;

  private final AutoencoderArchitecture architecture;

  PyTorchAutoencoder(
      PyTorchEngine engine, AutoencoderArchitecture architecture, WeightSource weights) {
    super(
        engine,
        "The autoencoder",
        weights,
        () -> AutoencoderScript.write(architecture, engine.numberType(), engine.deviceName()));
    this.architecture = architecture;
  }

  @Override
  public float[] decode(float[] latents, LatentShape shape) {
    Inputs.checkShape(shape, architecture.latentChannels());
    Inputs.checkLength("The latents", latents, shape.size());
    return with(
        module -> {
          try (Arguments arguments = module.arguments()) {
            arguments.floats(
                latents, shape.images(), shape.channels(), shape.height(), shape.width());
            return module.floats("decode", arguments);
          }
        });
  }

  @Override
  public LatentDistribution encode(float[] pixels, LatentShape shape) {
    if (!architecture.hasEncoder()) {
      throw new InvalidRequestException(
          "The autoencoder's weights hold no encoder, so no picture can be read; use a complete base model or VAE.");
    }
    Inputs.checkShape(shape, architecture.latentChannels());
    long height = (long) shape.height() * architecture.factor();
    long width = (long) shape.width() * architecture.factor();
    Inputs.checkLength(
        "The pixels",
        pixels,
        (long) shape.images() * architecture.imageChannels() * height * width);
    float[] moments =
        with(
            module -> {
              try (Arguments arguments = module.arguments()) {
                arguments.floats(
                    pixels, shape.images(), architecture.imageChannels(), height, width);
                return module.floats("encode", arguments);
              }
            });
    return split(moments, shape);
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
