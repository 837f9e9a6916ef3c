package io.github.controlnet.core.torch;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Waits for what a native call works on, which no interrupt may end. */
final class Waiting {
  private Waiting() {}

  /**
   * Waits to the end. An interrupt is kept and set again afterwards.
   *
   * @return the result
   * @throws RuntimeException what the task threw, as an exception of the API
   */
  static <T> T result(Future<T> future) {
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
}
