package io.github.controlnet.core.control;

import io.github.controlnet.core.tensors.SummedWeights;
import io.github.controlnet.core.tensors.SummedWeights.Term;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.IncompatibleModelException;
import java.util.List;

/**
 * A control moved to another base: to every tensor that it once copied from its base, which is to
 * say encoder and middle, the difference between the new base and the old one is added. Its zero
 * convolutions and hint block stay as they are. The idea and the choice of tensors are those of the
 * original code's {@code tool_transfer_control.py}.
 */
public final class TransferredWeights {
  private TransferredWeights() {}

  /**
   * Prepares a transfer.
   *
   * @param control the control
   * @param oldBase the U-Net that it was trained with
   * @param newBase the U-Net that it is to steer
   * @return the moved control; values are computed when they are read
   * @throws IncompatibleModelException when a tensor has not the same shape in all three
   */
  public static WeightSource of(WeightSource control, WeightSource oldBase, WeightSource newBase) {
    return new SummedWeights(
        control,
        List.of(new Term("the new base", newBase, 1), new Term("the old base", oldBase, -1)));
  }
}
