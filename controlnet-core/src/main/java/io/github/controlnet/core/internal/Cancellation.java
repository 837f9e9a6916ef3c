package io.github.controlnet.core.internal;

import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.progress.CancellationToken;
import java.util.function.BooleanSupplier;

/**
 * All the ways in which a generation is asked to end.
 *
 * @param token the request's token
 * @param closing whether the pipeline is being closed
 */
public record Cancellation(CancellationToken token, BooleanSupplier closing) {

  /** Ends the generation when somebody has asked for it. Called between any two network calls. */
  public void check() {
    if (token.isCancelled()) {
      throw new GenerationCancelledException("The generation was cancelled.");
    }
    if (closing.getAsBoolean()) {
      throw new GenerationCancelledException(
          "The generation was cancelled because its pipeline was closed.");
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new GenerationCancelledException(
          "The generation was cancelled because its thread was interrupted.");
    }
  }
}
