package io.github.controlnet.engine;

import java.util.List;

/**
 * The residuals of one control and how strongly they act.
 *
 * @param residuals the residuals
 * @param scales for each branch that the residuals were computed for, for each site of the
 *     control's {@link ControlSpec#sites()}, what the residual is multiplied with; finite
 */
public record ControlSignal(ControlResiduals residuals, List<List<Double>> scales) {
  /** Copies the scales. */
  public ControlSignal {
    scales = scales.stream().map(List::copyOf).toList();
  }
}
