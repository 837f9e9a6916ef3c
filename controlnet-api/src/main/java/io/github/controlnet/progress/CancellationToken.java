package io.github.controlnet.progress;

import io.github.controlnet.exception.GenerationCancelledException;

/**
 * Cancels a generation from another thread. The generation ends with a {@link
 * GenerationCancelledException} within one call of a network. A token may be shared by several
 * requests; once cancelled it stays so.
 */
public final class CancellationToken {
  private volatile boolean cancelled;

  /** Creates a token that has not been cancelled. */
  public CancellationToken() {}

  /** Asks every generation that holds this token to end. */
  public void cancel() {
    cancelled = true;
  }

  /**
   * Tells whether {@link #cancel()} has been called.
   *
   * @return true once it has
   */
  public boolean isCancelled() {
    return cancelled;
  }
}
