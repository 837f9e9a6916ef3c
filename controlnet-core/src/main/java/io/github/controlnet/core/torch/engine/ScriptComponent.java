package io.github.controlnet.core.torch.engine;

import io.github.controlnet.core.torch.Network;
import io.github.controlnet.core.torch.ScriptModule;
import io.github.controlnet.core.torch.ScriptSource;
import io.github.controlnet.engine.Component;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.EngineException;
import java.util.Set;
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
  public final void reload(Set<String> names) {
    network.reload(names);
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
