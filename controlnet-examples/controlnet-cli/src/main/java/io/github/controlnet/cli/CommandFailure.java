package io.github.controlnet.cli;

import org.jspecify.annotations.Nullable;

/** Something failed that is not the fault of the command line's form: exit code 1. */
final class CommandFailure extends RuntimeException {

  CommandFailure(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  CommandFailure(String message) {
    this(message, null);
  }
}
