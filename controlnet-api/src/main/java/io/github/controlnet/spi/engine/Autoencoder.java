package io.github.controlnet.spi.engine;

/** The autoencoder (VAE) between pictures and latents. */
public interface Autoencoder extends Component {

  /**
   * Decodes latents.
   *
   * @param latents the latents, already divided by {@link AutoencoderArchitecture#scalingFactor()}
   * @param shape their shape
   * @return pixels, [images, 3, height x factor, width x factor], row-major, about -1 to 1, not
   *     clipped
   */
  float[] decode(float[] latents, LatentShape shape);

  /**
   * Encodes pictures.
   *
   * @param pixels pixels, [images, 3, height, width], row-major, -1 to 1
   * @param shape the shape of the latents: height and width are the picture's over the factor
   * @return the distribution of the latents, not yet multiplied by the scaling factor
   */
  LatentDistribution encode(float[] pixels, LatentShape shape);

  /**
   * Gaussian latents, each value on its own.
   *
   * @param mean the means, of the latents' shape
   * @param logVariance the logarithms of the variances, clipped to -30 to 20, of the latents' shape
   */
  record LatentDistribution(float[] mean, float[] logVariance) {}
}
