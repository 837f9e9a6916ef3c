package io.github.controlnet.core.random;

/**
 * MT19937 with the initialisation by one 32-bit number (Matsumoto and Nishimura, "Mersenne Twister:
 * a 623-dimensionally equidistributed uniform pseudo-random number generator", 1998; initialisation
 * of 2002).
 */
final class MersenneTwister {
  private static final int LENGTH = 624;
  private static final int MIDDLE = 397;
  private static final int TWIST = 0x9908b0df;

  private final int[] state = new int[LENGTH];
  private int next = LENGTH;

  MersenneTwister(int seed) {
    state[0] = seed;
    for (int i = 1; i < LENGTH; i++) {
      int previous = state[i - 1];
      state[i] = 1812433253 * (previous ^ (previous >>> 30)) + i;
    }
  }

  /** Returns 32 random bits. */
  int nextInt() {
    if (next == LENGTH) {
      regenerate();
    }
    int y = state[next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }

  private void regenerate() {
    int i = 0;
    for (; i < LENGTH - MIDDLE; i++) {
      state[i] = state[i + MIDDLE] ^ twisted(state[i], state[i + 1]);
    }
    for (; i < LENGTH - 1; i++) {
      state[i] = state[i + MIDDLE - LENGTH] ^ twisted(state[i], state[i + 1]);
    }
    state[LENGTH - 1] = state[MIDDLE - 1] ^ twisted(state[LENGTH - 1], state[0]);
    next = 0;
  }

  private static int twisted(int upper, int lower) {
    int joined = (upper & 0x80000000) | (lower & 0x7fffffff);
    return (joined >>> 1) ^ (-(joined & 1) & TWIST);
  }
}
