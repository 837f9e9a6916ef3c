package io.github.controlnet.core.weights;

import java.util.List;

/** Closing that loses no exception. */
final class Closing {
  private Closing() {}

  /** Closes after a failure; what goes wrong here is added to it. */
  static void closeAfter(Throwable failure, TensorFile file) {
    closeAfter(failure, (AutoCloseable) file);
  }

  static void closeAfter(Throwable failure, AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      failure.addSuppressed(e);
    }
  }

  /** Closes all, then throws the first failure with the others added. */
  static void closeAll(List<? extends TensorFile> files) {
    RuntimeException first = null;
    for (TensorFile file : files) {
      try {
        file.close();
      } catch (RuntimeException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
