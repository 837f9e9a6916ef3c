package io.github.controlnet.engine;

/**
 * The autoencoder (VAE) between images and latents. The decoder is what every generation needs; an
 * engine may bring in the encoder's weights with the first call of {@link #encode} after {@link
 * #load()}, and releases both together.
 */
public interface Autoencoder extends Component {

  /**
   * Decodes latents. May be called by several threads.
   *
   * @param latents the autoencoder's latents ({@link LatentFormat#toAutoencoder}), row-major
   * @param shape their shape, each side at least 1
   * @return pixels, [images, 3, height x factor, width x factor], row-major, about -1 to 1, not
   *     clipped
   * @throws IllegalArgumentException when shape or length do not fit
   * @throws io.github.controlnet.exception.EngineException when the weights are not loaded, or
   *     computing fails
   */
  float[] decode(float[] latents, LatentShape shape);

  /**
   * Encodes images. May be called by several threads.
   *
   * @param pixels pixels, [images, 3, height, width], row-major, -1 to 1
   * @param shape the shape of the latents: height and width are the image's over the factor
   * @return the distribution of the autoencoder's latents
   * @throws UnsupportedOperationException when the weights hold no encoder
   * @throws IllegalArgumentException when shape or length do not fit
   * @throws io.github.controlnet.exception.EngineException when the weights are not loaded, or
   *     computing fails
   */
  LatentDistribution encode(float[] pixels, LatentShape shape);

  /**
   * Gaussian latents, each value on its own; or the latents themselves, of an autoencoder that
   * encodes an image to one place and not to a distribution.
   *
   * @param mean the means, of the latents' shape
   * @param logVariance the logarithms of the variances, clipped to -30 to 20, of the latents'
   *     shape; empty where there is no variance
   */
  record LatentDistribution(float[] mean, float[] logVariance) {
    /** Checks that both have the same length, or that there are no variances. */
    public LatentDistribution {
      if (logVariance.length > 0) {
        requireLength("log variances", logVariance, mean);
      }
    }

    /**
     * Returns latents that are certain.
     *
     * @param latents the latents
     * @return a distribution of which every sample is these latents
     */
    public static LatentDistribution certain(float[] latents) {
      return new LatentDistribution(latents, new float[0]);
    }

    /**
     * Tells whether every sample is the mean. Then none needs noise, and the references draw none.
     *
     * @return true where there is no variance
     */
    public boolean isCertain() {
      return logVariance.length == 0;
    }

    /**
     * Draws latents: {@code mean + exp(logVariance / 2) noise} (Kingma and Welling 2013,
     * arXiv:1312.6114, section 2.4). With the noise that torch draws for a seed, these are the
     * reference's latents; like {@link #mean()} they are the autoencoder's, not yet the denoiser's
     * ({@link LatentFormat#toDenoiser}).
     *
     * @param noise standard normal values, of the latents' shape; not looked at where {@link
     *     #isCertain()}
     * @return the latents, a new array
     */
    public float[] sample(float[] noise) {
      if (isCertain()) {
        return mean.clone();
      }
      requireLength("values of noise", noise, mean);
      float[] latents = new float[mean.length];
      for (int i = 0; i < latents.length; i++) {
        latents[i] = mean[i] + (float) Math.exp(0.5 * logVariance[i]) * noise[i];
      }
      return latents;
    }

    private static void requireLength(String what, float[] values, float[] mean) {
      if (values.length != mean.length) {
        throw new IllegalArgumentException(
            "%d %s for %d means; expected one for each."
                .formatted(values.length, what, mean.length));
      }
    }
  }
}
