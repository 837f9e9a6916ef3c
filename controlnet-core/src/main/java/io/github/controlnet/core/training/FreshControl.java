package io.github.controlnet.core.training;

import io.github.controlnet.core.weights.ExpectedTensors;
import io.github.controlnet.core.weights.MemoryWeights;
import io.github.controlnet.spi.engine.ControlArchitecture;
import io.github.controlnet.spi.engine.UNetArchitecture;
import io.github.controlnet.spi.engine.WeightSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A control that has learned nothing: the base's encoder and middle, a fresh hint block whose last
 * convolution is zero, zero convolutions.
 */
record FreshControl(ControlArchitecture architecture, WeightSource weights) {
  private static final String HINT = "controlnet_cond_embedding.";
  private static final int[] WIDTHS = {16, 32, 96, 256};

  /**
   * Makes a control for a base.
   *
   * @param factor how many pixels a latent stands for along each side
   */
  static FreshControl of(UNetArchitecture unet, WeightSource base, int factor, long seed) {
    List<Integer> widths = new ArrayList<>(List.of(WIDTHS[0]));
    for (int level = 1; 1 << level <= factor; level++) {
      widths.add(WIDTHS[Math.min(level, WIDTHS.length) - 1]);
      widths.add(WIDTHS[Math.min(level, WIDTHS.length - 1)]);
    }
    ControlArchitecture architecture = new ControlArchitecture(unet, 3, widths, false);
    Map<String, List<Long>> expected = ExpectedTensors.of(architecture);
    MemoryWeights.Builder fresh = MemoryWeights.builder();
    SplittableRandom random = new SplittableRandom(seed);
    double bound = 0;
    for (Map.Entry<String, List<Long>> tensor : expected.entrySet()) {
      String name = tensor.getKey();
      if (name.startsWith("controlnet_")) {
        List<Long> shape = tensor.getValue();
        float[] values =
            new float[shape.stream().mapToInt(Long::intValue).reduce(1, (a, b) -> a * b)];
        if (name.startsWith(HINT) && !name.startsWith(HINT + "conv_out")) {
          if (name.endsWith(".weight")) {
            // PyTorch's own choice for convolutions
            bound = 1 / Math.sqrt((double) shape.get(1) * shape.get(2) * shape.get(3));
          }
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-bound, bound);
          }
        }
        fresh.add(name, shape, values);
      }
    }
    return new FreshControl(architecture, new Overlay(base, fresh.build(), expected.keySet()));
  }
}
