package io.github.controlnet.cli;

import io.github.controlnet.progress.CancellationToken;
import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * What Ctrl-C does. A command that can end cleanly is asked to by its {@link CancellationToken};
 * any other ends at once, and so does everything at the second Ctrl-C.
 */
final class Interrupts {
  private static final int SIGINT = 2;
  private static final int SIGTERM = 15;

  private final CancellationToken token = new CancellationToken();
  private final PrintWriter err;
  private volatile boolean gentle;
  private volatile int exitCode = 128 + SIGINT;

  Interrupts(PrintWriter err) {
    this.err = err;
  }

  /** Listens for the signals from now on. */
  static Interrupts install(PrintWriter err) {
    Interrupts interrupts = new Interrupts(err);
    interrupts.listen("INT", SIGINT);
    interrupts.listen("TERM", SIGTERM);
    return interrupts;
  }

  /** Says that the running command watches the token, and returns it. */
  CancellationToken gently() {
    gentle = true;
    return token;
  }

  boolean isCancelled() {
    return token.isCancelled();
  }

  /** Returns 130 after Ctrl-C, as shells expect. */
  int exitCode() {
    return exitCode;
  }

  void signalled(int number) {
    exitCode = 128 + number;
    if (!gentle || token.isCancelled()) {
      // Temporary files are marked for deletion at exit.
      System.exit(exitCode);
    }
    token.cancel();
    err.println("Cancelling after the running network call; once more ends at once.");
  }

  private void listen(String name, int number) {
    try {
      // By reflection: the class is in every JDK, but the compiler's warning about it cannot be
      // switched off. Without it the JVM's own handling is left, which ends with the same code.
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, args) ->
                  switch (method.getName()) {
                    case "handle" -> {
                      signalled(number);
                      yield null;
                    }
                    case "hashCode" -> System.identityHashCode(self);
                    case "equals" -> self == args[0];
                    default -> "signal handler";
                  });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ClassNotFoundException
        | NoSuchMethodException
        | InstantiationException
        | IllegalAccessException
        | InvocationTargetException e) {
      // Some platforms reserve a signal for themselves; nothing depends on having it.
      return;
    }
  }
}
