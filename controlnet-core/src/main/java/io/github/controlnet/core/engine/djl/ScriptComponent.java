package io.github.controlnet.core.engine.djl;

import io.github.controlnet.EngineException;
import io.github.controlnet.core.network.Network;
import io.github.controlnet.core.network.ScriptModule;
import io.github.controlnet.core.network.ScriptSource;
import io.github.controlnet.spi.engine.Component;
import io.github.controlnet.spi.engine.WeightSource;
import java.util.function.Function;
import java.util.function.Supplier;

/** A component of the engine that is one network. */
abstract class ScriptComponent implements Component {
  final PyTorchEngine engine;
  private final Network network;

  ScriptComponent(
      PyTorchEngine engine, String label, WeightSource weights, Supplier<ScriptSource> writer) {
    this.engine = engine;
    this.network = new Network(engine.runtime(), label, weights, writer);
  }

  @Override
  public final void load() {
    network.load();
  }

  @Override
  public final void release() {
    network.release();
  }

  @Override
  public final boolean isResident() {
    return network.isResident();
  }

  @Override
  public final void close() {
    network.close();
  }

  /**
   * Uses the loaded module.
   *
   * @throws EngineException when the weights are not in memory
   */
  final <T> T with(Function<ScriptModule, T> task) {
    return network.with(task);
  }

  /**
   * Fails unless the weights are in memory.
   *
   * @throws EngineException when they are not
   */
  final void requireResident() {
    network.requireResident();
  }
}
