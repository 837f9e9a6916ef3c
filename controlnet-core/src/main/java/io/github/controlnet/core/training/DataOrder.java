package io.github.controlnet.core.training;

import java.util.SplittableRandom;

/**
 * The order in which records are used: every one once in each epoch, in another random order each
 * time. It follows from the seed and the position alone.
 */
final class DataOrder {
  private final int size;
  private final long seed;
  private long epoch = -1;
  private int[] order = new int[0];

  DataOrder(int size, long seed) {
    this.size = size;
    this.seed = seed;
  }

  long epoch(long position) {
    return position / size;
  }

  /**
   * Returns the record at a position.
   *
   * @param position counted over all epochs
   * @param later how many places further on in the same epoch, around its end
   */
  synchronized int record(long position, int later) {
    long wanted = epoch(position);
    if (wanted != epoch) {
      order = shuffled(wanted);
      epoch = wanted;
    }
    return order[(int) ((position + later) % size)];
  }

  private int[] shuffled(long number) {
    int[] result = new int[size];
    SplittableRandom random = new SplittableRandom(mix(seed, number));
    for (int i = 0; i < size; i++) {
      int j = random.nextInt(i + 1);
      result[i] = result[j];
      result[j] = i;
    }
    return result;
  }

  /** Two numbers as one seed (the finalizer of SplitMix64, Steele et al. 2014). */
  static long mix(long a, long b) {
    long z = a * 0x9e3779b97f4a7c15L + b + 0x632be59bd9b4e019L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
