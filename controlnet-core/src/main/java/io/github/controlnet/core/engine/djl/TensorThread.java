package io.github.controlnet.core.engine.djl;

import io.github.controlnet.EngineException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/**
 * The one thread on which an engine computes, first come, first served. PyTorch keeps settings that
 * change results and speed (threads of an operation, graph optimizer) for each thread; one thread
 * makes results independent of who calls.
 */
final class TensorThread implements AutoCloseable {
  private final ExecutorService executor;

  TensorThread() {
    executor =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "controlnet-pytorch");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Runs a task and waits for it. An interrupt does not end a native call: it is kept and set again
   * afterwards.
   *
   * @throws EngineException when the engine is closed
   */
  <T> T call(Callable<T> task) {
    Future<T> future;
    try {
      future = executor.submit(task);
    } catch (RejectedExecutionException e) {
      throw new EngineException("The engine is closed; open a new pipeline.", e);
    }
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw Failures.of(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  void run(Runnable task) {
    call(Executors.callable(task));
  }

  /** Runs a task, or does nothing when the engine is closed, which has freed everything. */
  void runUnlessClosed(Runnable task) {
    try {
      run(task);
    } catch (EngineException e) {
      if (!(e.getCause() instanceof RejectedExecutionException)) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    executor.shutdown();
  }
}
