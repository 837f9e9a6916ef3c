package io.github.controlnet.annotators;

import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.progress.CancellationToken;
import java.util.ArrayDeque;
import java.util.Deque;
import org.opencv.core.Mat;

/** Work on one photograph: releases every matrix that it was given, however the work ends. */
final class MatScope implements AutoCloseable {
  private final Deque<Mat> mats = new ArrayDeque<>();
  private final CancellationToken cancellation;

  /** A part of the work, which nobody cancels by itself. */
  MatScope() {
    this(new CancellationToken());
  }

  MatScope(CancellationToken cancellation) {
    this.cancellation = cancellation;
  }

  /** Makes an empty matrix for a result. */
  Mat create() {
    return keep(new Mat());
  }

  /** Takes a matrix over. */
  Mat keep(Mat mat) {
    mats.push(mat);
    return mat;
  }

  /** Ends the work when somebody asked for it. Called between two steps that take long. */
  void checkCancelled() {
    if (cancellation.isCancelled()) {
      throw new GenerationCancelledException("The annotation was cancelled.");
    }
  }

  @Override
  public void close() {
    mats.forEach(Mat::release);
  }
}
