package io.github.controlnet.core.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Counts failures in a row and waits between attempts, longer each time. */
final class Backoff {
  private static final long LONGEST_MILLIS = 60_000;

  private final int attempts;
  private final long delayMillis;
  private int failures;

  Backoff(HubOptions options) {
    this.attempts = options.attempts();
    this.delayMillis = options.delay().toMillis();
  }

  /** Something that may go better the next time. */
  static final class Again extends IOException {
    private static final long serialVersionUID = 1;
    private final long afterMillis;

    Again(String message, @Nullable Throwable cause, Duration after) {
      super(message, cause);
      this.afterMillis = after.toMillis();
    }

    Again(String message) {
      this(message, null, Duration.ZERO);
    }
  }

  /** Something that takes part of a body from the network, and may be cut. */
  @FunctionalInterface
  interface Attempt<T> {
    T run() throws IOException, InterruptedException;
  }

  /** Repeats an attempt while it may go better. */
  <T> T run(Attempt<T> attempt) throws IOException, InterruptedException {
    while (true) {
      try {
        return attempt.run();
      } catch (Again e) {
        failed(e);
      }
    }
  }

  /** Waits before the next attempt, or gives up. */
  void failed(Again failure) throws IOException, InterruptedException {
    failures++;
    if (failures >= attempts) {
      throw failure;
    }
    long wait = Math.max(delayMillis << Math.min(failures - 1, 16), failure.afterMillis);
    TimeUnit.MILLISECONDS.sleep(Math.min(wait, LONGEST_MILLIS));
  }

  /** Something arrived: the next failure is the first again. */
  void progressed() {
    failures = 0;
  }
}
