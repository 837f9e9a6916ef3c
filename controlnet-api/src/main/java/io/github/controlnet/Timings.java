package io.github.controlnet;

import java.util.List;

/**
 * How long the parts of a generation took, in seconds of wall-clock time.
 *
 * @param loadSeconds loading weights during this generation
 * @param stepSeconds each denoising step
 * @param decodeSeconds the autoencoder, all images
 * @param totalSeconds the whole call
 */
public record Timings(
    double loadSeconds, List<Double> stepSeconds, double decodeSeconds, double totalSeconds) {
  /** Copies the list. */
  public Timings {
    stepSeconds = List.copyOf(stepSeconds);
  }
}
