package io.github.controlnet.core.torch;

import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.EngineException;
import io.github.controlnet.exception.Help;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Turns what goes wrong below into the exceptions of the API. */
final class Failures {
  private Failures() {}

  static RuntimeException of(@Nullable Throwable failure) {
    if (failure instanceof ControlNetException known) {
      // thrown on the engine's thread; the caller's frames would be missing from it
      known.addSuppressed(new CallerTrace());
      return known;
    }
    if (failure instanceof OutOfMemoryError) {
      return outOfMemory("the Java heap or its direct buffers", failure);
    }
    if (failure instanceof Error error) {
      throw error;
    }
    String message = failure == null ? "" : String.valueOf(failure.getMessage());
    String lower = message.toLowerCase(Locale.ROOT);
    if (lower.contains("can't allocate memory")
        || lower.contains("out of memory")
        || lower.contains("not enough memory")) {
      return outOfMemory(lastLine(message), failure);
    }
    return new EngineException("PyTorch failed: " + lastLine(message), failure);
  }

  private static EngineException outOfMemory(String what, @Nullable Throwable failure) {
    return new EngineException(
        Help.NOT_ENOUGH_MEMORY.after(
            "There is not enough memory (%s); use a smaller size, fewer images, or OffloadPolicy.MODEL."
                .formatted(what)),
        failure);
  }

  /** The last line of TorchScript's traceback is the cause. */
  static String lastLine(String message) {
    String text = message.strip();
    return text.substring(text.lastIndexOf('\n') + 1).strip();
  }

  /** Where the caller was. */
  private static final class CallerTrace extends Exception {
    CallerTrace() {
      super("called from " + Thread.currentThread().getName());
    }
  }
}
