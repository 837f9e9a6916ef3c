package io.github.controlnet.core.pipeline;

import io.github.controlnet.core.random.TorchGenerator;
import io.github.controlnet.spi.scheduler.NoiseSource;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The noise of a batch. A single seed draws the whole batch, as both references do; a seed for each
 * image draws each image alone, so that an image does not depend on its neighbours.
 */
final class Seeds {
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

  List<Long> perImage() {
    return perImage;
  }

  /** Tells whether one seed draws the whole batch. */
  boolean isWhole() {
    return whole;
  }

  /** Starts the stream of noise from its beginning. */
  NoiseSource noise() {
    if (whole) {
      return new TorchGenerator(perImage.get(0))::randn;
    }
    List<TorchGenerator> generators = perImage.stream().map(TorchGenerator::new).toList();
    return count -> {
      int each = count / generators.size();
      float[] all = new float[count];
      for (int i = 0; i < generators.size(); i++) {
        System.arraycopy(generators.get(i).randn(each), 0, all, i * each, each);
      }
      return all;
    };
  }
}
