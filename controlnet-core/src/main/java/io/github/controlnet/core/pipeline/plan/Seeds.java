package io.github.controlnet.core.pipeline.plan;

import io.github.controlnet.core.random.TorchGenerator;
import io.github.controlnet.sampler.NoiseSource;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The noise of a batch. A single seed draws the whole batch, as both references do; a seed for each
 * image draws each image alone, so that an image does not depend on its neighbours.
 */
public final class Seeds {
  private final List<Long> perImage;
  private final boolean whole;

  private Seeds(List<Long> perImage, boolean whole) {
    this.perImage = perImage;
    this.whole = whole;
  }

  static Seeds resolve(List<Long> requested, int images) {
    if (requested.size() > 1) {
      return new Seeds(requested.stream().map(Seeds::resolve).toList(), false);
    }
    long seed = resolve(requested.isEmpty() ? -1L : requested.get(0));
    return new Seeds(java.util.Collections.nCopies(images, seed), true);
  }

  /**
   * A random seed is drawn from 0 to 65535, as the original's demos do: short enough to write down.
   */
  private static long resolve(long seed) {
    return seed >= 0 ? seed : ThreadLocalRandom.current().nextInt(65536);
  }

  public List<Long> perImage() {
    return perImage;
  }

  /** Tells whether one seed draws the whole batch. */
  public boolean isWhole() {
    return whole;
  }

  /** Starts the stream of noise from its beginning. */
  public Stream noise() {
    List<Long> seeds = whole ? perImage.subList(0, 1) : perImage;
    return new Stream(seeds.stream().map(TorchGenerator::new).toList(), perImage.size());
  }

  /** Noise in the order in which it is drawn. Used by one thread. */
  public static final class Stream implements NoiseSource {
    private final List<TorchGenerator> generators;
    private final int images;

    private Stream(List<TorchGenerator> generators, int images) {
      this.generators = generators;
      this.images = images;
    }

    @Override
    public float[] next(int count) {
      int each = count / generators.size();
      float[] all = new float[count];
      for (int i = 0; i < generators.size(); i++) {
        System.arraycopy(generators.get(i).randn(each), 0, all, i * each, each);
      }
      return all;
    }

    /**
     * Draws for something that all images have in common, such as a source picture: a single seed
     * draws once for them all, a seed for each image draws for each.
     *
     * @param count values for one image
     * @return values for all images
     */
    public float[] forEachImage(int count) {
      float[] drawn = next(count * generators.size());
      float[] all = new float[count * images];
      for (int image = 0; image < images; image++) {
        int from = image % generators.size() * count;
        System.arraycopy(drawn, from, all, image * count, count);
      }
      return all;
    }
  }
}
