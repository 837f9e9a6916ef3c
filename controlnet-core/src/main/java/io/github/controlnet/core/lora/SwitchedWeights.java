package io.github.controlnet.core.lora;

import io.github.controlnet.engine.WeightSource;
import java.nio.ByteBuffer;
import java.util.Map;

/** The weights of a component whose changes may be others from one moment to the next. */
public final class SwitchedWeights implements WeightSource {
  private volatile AdaptedWeights now;

  /**
   * Begins.
   *
   * @param first what the weights are at first
   */
  public SwitchedWeights(AdaptedWeights first) {
    this.now = first;
  }

  /**
   * Returns what the weights are.
   *
   * @return those that were set last
   */
  public AdaptedWeights now() {
    return now;
  }

  /**
   * Sets what the weights are from now on. Nobody may be reading any.
   *
   * @param next weights of the same base
   */
  public void set(AdaptedWeights next) {
    now = next;
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return now.tensors();
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer destination) {
    now.read(name, byteOffset, destination);
  }
}
