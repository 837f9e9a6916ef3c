package io.github.controlnet.engine;

import java.util.function.Supplier;

/** The session of an engine that is the same for all who use it. */
enum NoSession implements EngineSession {
  INSTANCE;

  @Override
  public <T> T call(Supplier<T> work) {
    return work.get();
  }

  @Override
  public void close() {}
}
