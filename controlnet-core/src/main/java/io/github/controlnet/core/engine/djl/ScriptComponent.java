package io.github.controlnet.core.engine.djl;

import io.github.controlnet.EngineException;
import io.github.controlnet.spi.engine.Component;
import io.github.controlnet.spi.engine.WeightSource;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A network in a script module. All but {@link #isResident()} happens on the engine's thread. */
abstract class ScriptComponent implements Component {
  final PyTorchEngine engine;
  private final String label;
  private final Supplier<ScriptSource> writer;
  private final WeightSource weights;
  private @Nullable ScriptModule module;
  private volatile boolean resident;
  private boolean closed;

  ScriptComponent(
      PyTorchEngine engine, String label, WeightSource weights, Supplier<ScriptSource> writer) {
    this.engine = engine;
    this.label = label;
    this.weights = weights;
    this.writer = writer;
  }

  @Override
  public final void load() {
    engine.thread().run(this::loadHere);
  }

  private void loadHere() {
    requireOpen();
    if (resident) {
      return;
    }
    ScriptSource source = writer.get();
    ScriptModule target = module;
    if (target == null) {
      target = new ScriptModule(engine.manager(), source.text());
      module = target;
    }
    try {
      WeightLoader.load(label, target, engine.manager(), source.weights(), weights);
      resident = true;
    } finally {
      if (!resident) {
        target.clear();
      }
      engine.trim();
    }
  }

  @Override
  public final void release() {
    engine.thread().runUnlessClosed(this::releaseHere);
  }

  private void releaseHere() {
    if (resident && module != null) {
      resident = false;
      module.clear();
      engine.trim();
    }
  }

  @Override
  public final boolean isResident() {
    return resident;
  }

  @Override
  public final void close() {
    engine
        .thread()
        .runUnlessClosed(
            () -> {
              releaseHere();
              closed = true;
              if (module != null) {
                module.close();
                module = null;
              }
            });
  }

  /**
   * Uses the loaded module.
   *
   * @throws EngineException when the weights are not in memory
   */
  final <T> T with(Function<ScriptModule, T> task) {
    return engine
        .thread()
        .call(
            () -> {
              requireOpen();
              requireResident();
              return task.apply(Objects.requireNonNull(module));
            });
  }

  /**
   * Fails unless the weights are in memory.
   *
   * @throws EngineException when they are not
   */
  final void requireResident() {
    if (!resident) {
      throw new EngineException(
          "%s is not in memory; call load() before using it.".formatted(label));
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new EngineException("%s is closed.".formatted(label));
    }
  }
}
