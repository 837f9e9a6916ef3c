package io.github.controlnet.core.pipeline;

import io.github.controlnet.exception.PipelineClosedException;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets generations in until the pipeline is closed, and frees its resources once the last has left.
 */
final class Lifecycle {
  private final Runnable free;
  private final List<Thread> inside = new ArrayList<>();
  private volatile boolean closed;
  private boolean freed;

  Lifecycle(Runnable free) {
    this.free = free;
  }

  synchronized void enter() {
    if (closed) {
      throw new PipelineClosedException(
          "The pipeline is closed and cannot generate any more; build a new one.");
    }
    inside.add(Thread.currentThread());
  }

  synchronized void leave() {
    inside.remove(Thread.currentThread());
    freeWhenLast();
  }

  boolean isClosed() {
    return closed;
  }

  /**
   * Closes the door and waits until everybody has left. A generation that closes its own pipeline,
   * from a listener, does not wait for itself: its leaving frees the resources.
   */
  synchronized void close() {
    closed = true;
    freeWhenLast();
    boolean interrupted = false;
    while (!freed && !inside.contains(Thread.currentThread())) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void freeWhenLast() {
    if (closed && inside.isEmpty() && !freed) {
      freed = true;
      notifyAll();
      free.run();
    }
  }
}
