package io.github.controlnet.core.torch;

import io.github.controlnet.exception.EngineException;
import io.github.controlnet.exception.GenerationCancelledException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread on which an engine computes, first come, first served. PyTorch keeps settings that
 * change results and speed (threads of an operation, graph optimizer) for each thread; one thread
 * makes results independent of who calls.
 */
public final class TensorThread implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TensorThread.class);
  private static final long EXIT_PATIENCE_SECONDS = 120;

  private final ExecutorService executor;
  private final Duration exitGrace;
  // fair: at exit, what is begun ends before anything else begins
  private final ReadWriteLock uses = new ReentrantReadWriteLock(true);
  private final Thread exitHook = new Thread(this::awaitIdle, "controlnet-pytorch-exit");
  private volatile boolean exiting;

  /**
   * Starts a thread.
   *
   * @param exitGrace how long tasks are still taken once the virtual machine exits, unless it is
   *     closed before
   */
  TensorThread(Duration exitGrace) {
    this.exitGrace = exitGrace;
    executor =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "controlnet-pytorch");
              thread.setDaemon(true);
              return thread;
            });
    Runtime.getRuntime().addShutdownHook(exitHook);
  }

  /**
   * Lets the call that is running end before the virtual machine exits: PyTorch's library is torn
   * down then, and a network still in it would crash the process instead of letting it end.
   */
  private void awaitIdle() {
    try {
      if (executor.awaitTermination(exitGrace.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
      if (uses.writeLock().tryLock(EXIT_PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        uses.writeLock().unlock();
      }
      executor.submit(() -> {}).get(EXIT_PATIENCE_SECONDS, TimeUnit.SECONDS);
      exiting = true;
      executor.shutdown();
      boolean idle = executor.awaitTermination(EXIT_PATIENCE_SECONDS, TimeUnit.SECONDS);
      LOG.debug("the engine's thread ended before exit: {}", idle);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
      LOG.debug("the engine's thread is busy or gone at exit", e);
    }
  }

  /**
   * Runs a task and waits for it. An interrupt does not end a native call: it is kept and set again
   * afterwards.
   *
   * @throws EngineException when the engine is closed
   * @throws GenerationCancelledException when the virtual machine exits
   */
  public <T> T call(Callable<T> task) {
    Future<T> future;
    try {
      future = executor.submit(task);
    } catch (RejectedExecutionException e) {
      if (exiting) {
        throw new GenerationCancelledException("Cancelled: the program ends.", e);
      }
      throw new EngineException("The engine is closed; open a new pipeline.", e);
    }
    return Waiting.result(future);
  }

  /**
   * Does work that calls this thread several times and is finished, once begun, even when the
   * virtual machine exits meanwhile: short work, since the exit waits for it.
   *
   * @param work runs on the caller's thread
   */
  public <T> T whole(Supplier<T> work) {
    uses.readLock().lock();
    try {
      return work.get();
    } finally {
      uses.readLock().unlock();
    }
  }

  public void run(Runnable task) {
    call(Executors.callable(task));
  }

  /** Runs a task, or does nothing when the engine is closed, which has freed everything. */
  public void runUnlessClosed(Runnable task) {
    Future<?> future;
    try {
      future = executor.submit(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("the engine is closed already", e);
      return;
    }
    Waiting.result(future);
  }

  @Override
  public void close() {
    executor.shutdown();
    try {
      Runtime.getRuntime().removeShutdownHook(exitHook);
    } catch (IllegalStateException e) {
      LOG.debug("closed while the virtual machine exits", e);
    }
  }
}
