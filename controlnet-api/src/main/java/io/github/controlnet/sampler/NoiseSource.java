package io.github.controlnet.sampler;

/** A stream of standard normal noise. */
@FunctionalInterface
public interface NoiseSource {

  /**
   * Draws the next noise for the whole batch.
   *
   * @param count how many values; the length of the latents
   * @return independent values of mean 0 and variance 1
   */
  float[] next(int count);
}
