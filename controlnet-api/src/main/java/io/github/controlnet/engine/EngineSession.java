package io.github.controlnet.engine;

import java.util.function.Supplier;

/**
 * One pipeline's part in an engine. Pipelines from the same base share the engine and its loaded
 * components, also where they differ in threads and in their grace at exit: those belong to the
 * session. May be used by several threads.
 */
public interface EngineSession extends AutoCloseable {

  /**
   * Does work in which the calling thread's calls of the engine and its components are this
   * session's.
   *
   * @param work runs once, on the calling thread
   * @param <T> what it makes
   * @return what the work returned; what it throws is thrown
   */
  <T> T call(Supplier<T> work);

  /** Ends the session, with its grace at exit. Closing twice does nothing. */
  @Override
  void close();
}
