package io.github.controlnet.core.torch;

import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.EngineException;
import io.github.controlnet.exception.WeightsException;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A network whose weights come into memory and go again; where the runtime streams and the script
 * is divided, they come with each call, a segment at a time. Any thread may call; the work happens
 * on the runtime's thread, one call after another.
 */
public final class Network implements AutoCloseable {
  private final TensorRuntime runtime;
  private final String label;
  private final Supplier<ScriptSource> writer;
  private final WeightSource weights;
  private @Nullable ScriptSource script;
  private @Nullable ScriptModule module;
  private volatile boolean resident;
  private boolean closed;

  /**
   * Describes a network. Nothing is loaded.
   *
   * @param runtime computes
   * @param label what the network is called in messages, with a capital
   * @param weights where its weights are; must be open whenever they are loaded
   * @param writer writes the script, at the first loading
   */
  public Network(
      TensorRuntime runtime, String label, WeightSource weights, Supplier<ScriptSource> writer) {
    this.runtime = runtime;
    this.label = label;
    this.weights = weights;
    this.writer = writer;
  }

  /**
   * Brings the weights into memory; does nothing when they are there.
   *
   * @throws WeightsException when a weight is missing, has another shape or cannot be read
   * @throws EngineException when it is closed or there is not enough memory
   */
  public void load() {
    runtime.thread().run(this::loadHere);
  }

  private void loadHere() {
    requireOpen();
    if (resident) {
      return;
    }
    if (script == null) {
      script = writer.get();
    }
    WeightLoader loader = loader(script);
    boolean streamed = !script.segments().isEmpty();
    ScriptModule target = module;
    if (target == null) {
      target =
          streamed
              ? new StreamedModule(runtime.manager(), script)
              : new ScriptModule(runtime.manager(), script.text());
      module = target;
    }
    try {
      if (target instanceof StreamedModule stream) {
        stream.readFrom(loader);
      } else {
        loader.load(target);
      }
      resident = true;
    } finally {
      if (!resident) {
        target.clear();
      }
      runtime.trim();
    }
  }

  private WeightLoader loader(ScriptSource of) {
    return new WeightLoader(label, runtime.manager(), of, weights);
  }

  /**
   * Reads weights again whose values have changed where they are stored; does nothing when none are
   * in memory.
   *
   * @param names the names of the weights
   * @throws WeightsException when one cannot be read; none are in memory then
   * @throws EngineException when it is closed or there is not enough memory; none are there then
   */
  public void reload(Set<String> names) {
    runtime.thread().run(() -> reloadHere(names));
  }

  private void reloadHere(Set<String> names) {
    requireOpen();
    if (!resident || module == null) {
      return;
    }
    boolean done = false;
    try {
      WeightLoader loader = loader(Objects.requireNonNull(script));
      if (module instanceof StreamedModule stream) {
        stream.readFrom(loader);
      } else {
        loader.load(module, names);
      }
      done = true;
    } finally {
      if (!done) {
        releaseHere();
      }
      runtime.trim();
    }
  }

  /** Lets the weights go; {@link #load} brings them back. */
  public void release() {
    runtime.thread().runUnlessClosed(this::releaseHere);
  }

  private void releaseHere() {
    if (resident && module != null) {
      resident = false;
      module.clear();
      runtime.trim();
    }
  }

  /** Tells whether the weights are in memory. */
  public boolean isResident() {
    return resident;
  }

  @Override
  public void close() {
    runtime
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
   * Uses the loaded module on the runtime's thread.
   *
   * @param task gets the module, which it must not keep
   * @param <T> what the task returns
   * @return what the task returned
   * @throws EngineException when the weights are not in memory, or PyTorch fails
   */
  public <T> T with(Function<ScriptModule, T> task) {
    return runtime
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
  public void requireResident() {
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
