package io.github.controlnet.internal;

import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.PluginException;
import java.net.URI;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Calls of plugins: what they must not do becomes an exception that names them. */
public final class Plugins {
  private static final String LIBRARY = "io.github.controlnet.";

  private Plugins() {}

  /**
   * Names a plugin for messages.
   *
   * @param type its class
   * @return the class and the jar or folder that it came from
   */
  public static String named(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    return source == null || source.getLocation() == null
        ? type.getName()
        : type.getName() + " of " + place(source.getLocation().toString());
  }

  /** The file name of a jar; a folder as it is. */
  public static String place(String location) {
    String text = location.replaceFirst("^jar:", "").replaceFirst("!/.*$", "");
    if (text.endsWith(".jar")) {
      return text.substring(text.lastIndexOf('/') + 1);
    }
    try {
      return Path.of(URI.create(text)).toString();
    } catch (RuntimeException e) { // no file, or no address
      return text;
    }
  }

  /** Tells whether a class is of this library, whose names come before those of plugins. */
  public static boolean isLibrary(Class<?> type) {
    return type.getName().startsWith(LIBRARY);
  }

  /**
   * Calls a plugin.
   *
   * @param what the plugin, such as {@code The sampler "mine"}
   * @param type its class
   * @param call what is called, such as {@code start}
   * @param body the call; the library's own exceptions pass
   * @param <T> the result
   * @return the result
   * @throws PluginException when it is null, or the plugin throws what is not of this library
   */
  public static <T> T call(
      String what, Class<?> type, String call, Supplier<? extends @Nullable T> body) {
    @Nullable T result;
    try {
      result = body.get();
    } catch (ControlNetException e) {
      throw e;
    } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
      throw new PluginException(
          "%s (%s) failed in %s: %s.".formatted(what, named(type), call, cause(e)), e);
    }
    if (result == null) {
      throw wrong(what, type, call, "returned null");
    }
    return result;
  }

  /**
   * Makes the exception for a wrong result.
   *
   * @param what the plugin, such as {@code The sampler "mine"}
   * @param type its class
   * @param call what was called
   * @param problem what is wrong, such as {@code returned 3 numbers for 4}
   * @return the exception
   */
  public static PluginException wrong(String what, Class<?> type, String call, String problem) {
    return new PluginException(
        "%s (%s) cannot be used: its %s %s. Use another, or one that is mended."
            .formatted(what, named(type), call, problem));
  }

  /** What was thrown, in one line. */
  public static String cause(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null
        && (cause instanceof java.util.ServiceConfigurationError
            || cause instanceof ExceptionInInitializerError
            // a class whose initializer failed earlier
            || cause.getCause() instanceof ExceptionInInitializerError
            || cause instanceof java.lang.reflect.InvocationTargetException)) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    String kind = cause.getClass().getSimpleName();
    return message == null || message.isBlank()
        ? kind
        : kind + ", " + message.strip().replaceAll("\\s*\\R\\s*", " ").replaceFirst("\\.$", "");
  }
}
