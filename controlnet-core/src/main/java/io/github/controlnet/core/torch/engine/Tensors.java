package io.github.controlnet.core.torch.engine;

import ai.djl.pytorch.engine.PtNDArray;
import io.github.controlnet.core.torch.Arguments;
import io.github.controlnet.exception.EngineException;
import java.util.List;

/** Tensors that outlive a call, until they are closed. */
final class Tensors implements AutoCloseable {
  private final PyTorchEngine engine;
  private final String label;
  private final List<PtNDArray> list;
  private boolean closed; // only on the engine's thread

  Tensors(PyTorchEngine engine, String label, List<PtNDArray> list) {
    this.engine = engine;
    this.label = label;
    this.list = list;
  }

  /** Returns the tensors; only on the engine's thread. */
  List<PtNDArray> get() {
    if (closed) {
      throw new EngineException(label + " were closed before they were used.");
    }
    return list;
  }

  int size() {
    return list.size();
  }

  float[] toArray(int index) {
    return engine
        .thread()
        .call(
            () -> {
              try (Arguments arguments = engine.tools().arguments()) {
                return engine.tools().floats("export", arguments.tensor(get().get(index)));
              }
            });
  }

  @Override
  public void close() {
    engine
        .thread()
        .runUnlessClosed(
            () -> {
              if (!closed) {
                closed = true;
                list.forEach(PtNDArray::close);
              }
            });
  }
}
