package io.github.controlnet.annotators.pixels;

/**
 * The numbers of {@code numpy.random.seed(seed)} and {@code numpy.random.uniform()}: MT19937
 * (Matsumoto and Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform
 * pseudo-random number generator", 1998), initialised by one number; 53 bits of two draws make one
 * value.
 */
final class NumpyRandom {
  private static final int LENGTH = 624;
  private static final int MIDDLE = 397;

  private final int[] state = new int[LENGTH];
  private int next;

  NumpyRandom(int seed) {
    state[0] = seed;
    for (int i = 1; i < LENGTH; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
  }

  /** Returns a value from 0 to below 1. */
  double nextDouble() {
    int upper = nextInt() >>> 5;
    int lower = nextInt() >>> 6;
    return (upper * 0x1p26 + lower) * 0x1p-53;
  }

  /** The state is a ring; each word is renewed just before it is used. */
  private int nextInt() {
    int following = (next + 1) % LENGTH;
    int joined = (state[next] & 0x80000000) | (state[following] & 0x7fffffff);
    int word = state[(next + MIDDLE) % LENGTH] ^ (joined >>> 1) ^ (-(joined & 1) & 0x9908b0df);
    state[next] = word;
    next = following;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return word ^ (word >>> 18);
  }
}
