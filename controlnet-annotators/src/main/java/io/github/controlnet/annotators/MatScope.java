package io.github.controlnet.annotators;

import java.util.ArrayDeque;
import java.util.Deque;
import org.opencv.core.Mat;

/** Releases every matrix that it was given, however the work ends. */
final class MatScope implements AutoCloseable {
  private final Deque<Mat> mats = new ArrayDeque<>();

  /** Makes an empty matrix for a result. */
  Mat create() {
    return keep(new Mat());
  }

  /** Takes a matrix over. */
  Mat keep(Mat mat) {
    mats.push(mat);
    return mat;
  }

  @Override
  public void close() {
    mats.forEach(Mat::release);
  }
}
