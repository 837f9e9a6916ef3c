package io.github.controlnet.core.pipeline;

import io.github.controlnet.GuessMode;
import java.util.ArrayList;
import java.util.List;

/**
 * How strongly each residual of a control acts, and when.
 *
 * @param layers one factor for each residual; the last is the middle block's
 * @param start where in the schedule the control begins to act, 0 to 1
 * @param end where it ceases to act, 0 to 1
 */
record ControlStrength(List<Double> layers, double start, double end) {
  /**
   * The original code's decay from the middle block to the first skip ({@code
   * gradio_canny2image.py}).
   */
  private static final double ORIGINAL_DECAY = 0.825;

  static ControlStrength of(
      double scale, GuessMode mode, boolean onlyMid, int residuals, double start, double end) {
    List<Double> layers = new ArrayList<>();
    for (int i = 0; i < residuals; i++) {
      boolean left = onlyMid && i < residuals - 1;
      layers.add(left ? 0 : scale * weight(mode, i, residuals));
    }
    return new ControlStrength(List.copyOf(layers), start, end);
  }

  private static double weight(GuessMode mode, int index, int residuals) {
    return switch (mode) {
      case OFF -> 1;
      case ORIGINAL -> Math.pow(ORIGINAL_DECAY, residuals - 1 - index);
      case DIFFUSERS -> Math.pow(10, -1 + (double) index / (residuals - 1));
    };
  }

  /**
   * Tells whether the control acts in a step. The edges are those of diffusers: a step counts as
   * inside when all of it is.
   */
  boolean actsAt(int step, int steps) {
    boolean inside = (double) step / steps >= start && (double) (step + 1) / steps <= end;
    return inside && layers.stream().anyMatch(layer -> layer != 0);
  }
}
