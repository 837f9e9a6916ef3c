package io.github.controlnet.tck.gaussian;

import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.tck.gaussian.GaussianEngine.Probe;
import java.util.Arrays;

/** Latents are small pictures: the first three channels are red, green and blue. */
final class PixelAutoencoder extends GaussianComponent implements Autoencoder {
  private final int factor;

  PixelAutoencoder(int factor, Probe probe) {
    super("autoencoder", probe);
    this.factor = factor;
  }

  @Override
  public float[] decode(float[] latents, LatentShape shape) {
    run();
    int height = shape.height() * factor;
    int width = shape.width() * factor;
    float[] pixels = new float[shape.images() * 3 * height * width];
    for (int i = 0; i < pixels.length; i++) {
      int x = i % width / factor;
      int y = i / width % height / factor;
      int channel = i / (width * height) % 3;
      int image = i / (width * height * 3);
      pixels[i] = latents[index(shape, image, channel, y, x)];
    }
    return pixels;
  }

  @Override
  public LatentDistribution encode(float[] pixels, LatentShape shape) {
    run();
    int height = shape.height() * factor;
    int width = shape.width() * factor;
    float[] mean = new float[shape.size()];
    for (int i = 0; i < pixels.length; i++) {
      int x = i % width / factor;
      int y = i / width % height / factor;
      int channel = i / (width * height) % 3;
      int image = i / (width * height * 3);
      mean[index(shape, image, channel, y, x)] += pixels[i] / (factor * factor);
    }
    float[] logVariance = new float[mean.length];
    Arrays.fill(logVariance, -30);
    return new LatentDistribution(mean, logVariance);
  }

  private static int index(LatentShape shape, int image, int channel, int y, int x) {
    return ((image * shape.channels() + channel) * shape.height() + y) * shape.width() + x;
  }
}
