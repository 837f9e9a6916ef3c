package io.github.controlnet.annotators.raster;

import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.progress.CancellationToken;
import java.util.ArrayDeque;
import java.util.Deque;
import org.opencv.core.Mat;

/** Work on one photograph: releases every matrix that it was given, however the work ends. */
public final class MatScope implements AutoCloseable {
  private final Deque<Mat> mats = new ArrayDeque<>();
  private final CancellationToken cancellation;

  /** A part of the work, which nobody cancels by itself. */
  public MatScope() {
    this(new CancellationToken());
  }

  public MatScope(CancellationToken cancellation) {
    this.cancellation = cancellation;
  }

  /** Makes an empty matrix for a result. */
  public Mat create() {
    return keep(new Mat());
  }

  /** Takes a matrix over. */
  public Mat keep(Mat mat) {
    mats.push(mat);
    return mat;
  }

  /** Ends the work when somebody asked for it. Called between two steps that take long. */
  public void checkCancelled() {
    if (cancellation.isCancelled()) {
      throw new GenerationCancelledException("The annotation was cancelled.");
    }
  }

  @Override
  public void close() {
    mats.forEach(Mat::release);
  }
}
