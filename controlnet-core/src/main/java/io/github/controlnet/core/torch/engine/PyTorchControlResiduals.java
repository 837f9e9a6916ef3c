package io.github.controlnet.core.torch.engine;

import ai.djl.pytorch.engine.PtNDArray;
import io.github.controlnet.engine.ControlResiduals;
import io.github.controlnet.engine.LatentShape;
import java.util.List;

/** The residuals of some branches, each [branches x images, channels, height, width]. */
final class PyTorchControlResiduals implements ControlResiduals {
  private final LatentShape shape;
  private final List<Integer> branches;
  private final Tensors tensors;

  PyTorchControlResiduals(LatentShape shape, List<Integer> branches, Tensors tensors) {
    this.shape = shape;
    this.branches = branches;
    this.tensors = tensors;
  }

  static PyTorchControlResiduals of(ControlResiduals residuals) {
    if (residuals instanceof PyTorchControlResiduals own) {
      return own;
    }
    throw new IllegalArgumentException(
        "The residuals are of %s; expected those of a control network of the engine pytorch."
            .formatted(residuals.getClass().getName()));
  }

  LatentShape shape() {
    return shape;
  }

  /** Indices of the branches that these are for, ascending. */
  List<Integer> branches() {
    return branches;
  }

  int count() {
    return tensors.size();
  }

  /** Returns the tensors; only on the engine's thread. */
  List<PtNDArray> tensors() {
    return tensors.get();
  }

  @Override
  public float[] toArray(int index) {
    if (index < 0 || index >= tensors.size()) {
      throw new IllegalArgumentException(
          "There is no residual %d; expected 0 to %d.".formatted(index, tensors.size() - 1));
    }
    return tensors.toArray(index);
  }

  @Override
  public void close() {
    tensors.close();
  }
}
