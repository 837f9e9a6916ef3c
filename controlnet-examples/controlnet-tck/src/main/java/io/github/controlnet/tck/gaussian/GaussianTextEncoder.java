package io.github.controlnet.tck.gaussian;

import io.github.controlnet.spi.engine.TextEncoder;
import io.github.controlnet.spi.engine.TextStates;
import io.github.controlnet.tck.gaussian.GaussianEngine.Probe;

/** Turns a text into the mean of the data that it describes. */
final class GaussianTextEncoder extends GaussianComponent implements TextEncoder {
  private final Probe probe;

  GaussianTextEncoder(Probe probe) {
    super("text", probe);
    this.probe = probe;
  }

  @Override
  public TextStates encode(int[][] tokens) {
    run();
    double[] means = new double[tokens.length];
    for (int i = 0; i < means.length; i++) {
      means[i] = GaussianEngine.mean(tokens[i]);
    }
    return new Means(means, probe);
  }

  static final class Means extends Handle implements TextStates {
    private final double[] means;

    Means(double[] means, Probe probe) {
      super(probe);
      this.means = means;
    }

    double mean(int row) {
      return means[row];
    }

    @Override
    public float[] toArray() {
      float[] values = new float[means.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) means[i];
      }
      return values;
    }
  }
}
