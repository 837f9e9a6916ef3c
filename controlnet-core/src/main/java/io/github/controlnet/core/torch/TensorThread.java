package io.github.controlnet.core.torch;

import io.github.controlnet.engine.EngineSession;
import io.github.controlnet.exception.EngineException;
import io.github.controlnet.exception.GenerationCancelledException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
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
import org.jspecify.annotations.Nullable;
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
  private static final ThreadLocal<@Nullable Session> CALLER = new ThreadLocal<>();

  private final ExecutorService executor;
  private final int threads;
  // of the one thread
  private final OperationThreads operationThreads = new OperationThreads();
  private final Set<Session> sessions = new HashSet<>();
  // fair: at exit, what is begun ends before anything else begins
  private final ReadWriteLock uses = new ReentrantReadWriteLock(true);
  private final Thread exitHook = new Thread(this::awaitIdle, "controlnet-pytorch-exit");
  private volatile boolean exiting;

  /**
   * Starts a thread.
   *
   * @param threads how many threads an operation uses outside of any session; 0 for all cores
   */
  TensorThread(int threads) {
    this.threads = threads;
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
      awaitGrace();
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

  /** Waits until no open session has grace left. */
  private void awaitGrace() throws InterruptedException {
    long begin = System.nanoTime();
    synchronized (sessions) {
      while (true) {
        long longest = sessions.stream().mapToLong(session -> session.grace).max().orElse(0);
        long left = longest - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
        if (left <= 0) {
          return;
        }
        sessions.wait(left);
      }
    }
  }

  /** Begins somebody's use of this thread, with settings that are not the others'. */
  EngineSession session(int operationThreads, Duration exitGrace) {
    Session session = new Session(operationThreads, exitGrace.toMillis());
    synchronized (sessions) {
      sessions.add(session);
    }
    return session;
  }

  /** Hands a task to the thread, with the settings of the caller's session. */
  private <T> Future<T> submit(Callable<T> task) {
    Session session = CALLER.get();
    int wanted = session != null && session.isOf(this) ? session.threads : threads;
    return executor.submit(
        () -> {
          operationThreads.use(wanted);
          return task.call();
        });
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
      future = submit(task);
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
      future = submit(Executors.callable(task));
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

  private final class Session implements EngineSession {
    private final int threads;
    private final long grace;

    Session(int threads, long grace) {
      this.threads = threads;
      this.grace = grace;
    }

    boolean isOf(TensorThread thread) {
      return thread == TensorThread.this;
    }

    @Override
    public <T> T call(Supplier<T> work) {
      Session before = CALLER.get();
      CALLER.set(this);
      try {
        return work.get();
      } finally {
        if (before == null) {
          CALLER.remove();
        } else {
          CALLER.set(before);
        }
      }
    }

    @Override
    public void close() {
      synchronized (sessions) {
        sessions.remove(this);
        sessions.notifyAll();
      }
    }
  }
}
