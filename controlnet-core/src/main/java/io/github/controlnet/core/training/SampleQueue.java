package io.github.controlnet.core.training;

import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.GenerationCancelledException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Reads samples ahead on background threads, and hands them out in order. */
final class SampleQueue implements AutoCloseable {
  private final ExecutorService workers;
  private final Deque<Future<Sample>> ahead = new ArrayDeque<>();
  private final SampleReader reader;
  private final int depth;
  private long next;

  /**
   * Starts reading.
   *
   * @param first the position of the first sample
   * @param depth how many samples may wait
   */
  SampleQueue(SampleReader reader, long first, int threads, int depth) {
    this.reader = reader;
    this.next = first;
    this.depth = depth;
    this.workers =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "controlnet-data");
              thread.setDaemon(true);
              return thread;
            });
    fill();
  }

  private void fill() {
    while (ahead.size() < depth) {
      long position = next++;
      ahead.add(workers.submit(() -> reader.read(position)));
    }
  }

  Sample take() {
    Future<Sample> first = ahead.remove();
    fill();
    try {
      return first.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GenerationCancelledException("The training was interrupted.", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ControlNetException known) {
        throw known;
      }
      throw new ControlNetException("A record could not be read: " + e.getCause(), e.getCause());
    }
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }
}
