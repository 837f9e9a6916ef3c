package io.github.controlnet.core.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Closes things in the opposite order of their opening: all of them, whatever one throws. The first
 * failure is thrown, the others ride on it as suppressed.
 */
public final class Closing implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  /** Starts with nothing open. */
  public Closing() {}

  /**
   * Makes something out of several resources; closes those already open when one fails to open.
   *
   * @param make opens the resources, adding each, and makes the thing
   * @param <T> the thing's type
   * @return the thing
   */
  public static <T> T opening(Function<Closing, T> make) {
    Closing open = new Closing();
    try {
      return make.apply(open);
    } catch (RuntimeException | Error e) {
      closeAfter(e, open);
      throw e;
    }
  }

  /**
   * Closes something after a failure; what goes wrong then rides on the failure.
   *
   * @param failure what is about to be thrown
   * @param resource what to close
   */
  public static void closeAfter(Throwable failure, AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Takes something to close.
   *
   * @param resource the resource
   * @param <T> its type
   * @return the resource
   */
  public <T extends AutoCloseable> T add(T resource) {
    open.push(resource);
    return resource;
  }

  @Override
  public void close() {
    RuntimeException first = null;
    while (!open.isEmpty()) {
      first = closeOne(open.pop(), first);
    }
    if (first != null) {
      throw first;
    }
  }

  private static @Nullable RuntimeException closeOne(
      AutoCloseable resource, @Nullable RuntimeException first) {
    try {
      resource.close();
      return first;
    } catch (Exception e) {
      RuntimeException failure =
          e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
      if (first == null) {
        return failure;
      }
      first.addSuppressed(failure);
      return first;
    }
  }
}
