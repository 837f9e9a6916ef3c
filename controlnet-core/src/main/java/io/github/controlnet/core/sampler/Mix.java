package io.github.controlnet.core.sampler;

/** A weighted sum of arrays of one length, gathered in double precision. */
final class Mix {
  private final double[] sum;

  Mix(int length) {
    sum = new double[length];
  }

  /** Adds an array; one of factor 0 is left out, whatever it holds. */
  Mix plus(double factor, float[] values) {
    if (factor != 0) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += factor * values[i];
      }
    }
    return this;
  }

  float[] toFloats() {
    float[] floats = new float[sum.length];
    for (int i = 0; i < sum.length; i++) {
      floats[i] = (float) sum[i];
    }
    return floats;
  }
}
