package io.github.controlnet.core.engine.djl;

import ai.djl.pytorch.engine.PtNDArray;
import io.github.controlnet.InvalidRequestException;
import io.github.controlnet.spi.engine.TextStates;

/** Text states [texts, positions, width] in a tensor. */
final class PyTorchTextStates implements TextStates {
  private final int texts;
  private final int width;
  private final Tensors tensors;

  PyTorchTextStates(int texts, int width, Tensors tensors) {
    this.texts = texts;
    this.width = width;
    this.tensors = tensors;
  }

  static PyTorchTextStates of(TextStates states) {
    if (states instanceof PyTorchTextStates own) {
      return own;
    }
    throw new InvalidRequestException(
        "The text states are of %s; expected those of a text encoder of the engine pytorch."
            .formatted(states.getClass().getName()));
  }

  int texts() {
    return texts;
  }

  int width() {
    return width;
  }

  /** Returns the tensor; only on the engine's thread. */
  PtNDArray tensor() {
    return tensors.get().get(0);
  }

  @Override
  public float[] toArray() {
    return tensors.toArray(0);
  }

  @Override
  public void close() {
    tensors.close();
  }
}
