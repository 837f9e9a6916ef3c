package io.github.controlnet.internal.lookup;

import io.github.controlnet.internal.Plugins;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the implementations of a service, each on its own: one that cannot be made is left out
 * and named, the others are found.
 */
final class ServiceScan {
  /** More failures than this come from a loader that does not get on. */
  private static final int MOST_FAILURES = 1000;

  private ServiceScan() {}

  /**
   * What was found.
   *
   * @param working the implementations that could be made
   * @param leftOut a sentence for each of the others
   */
  record Found<T>(List<T> working, List<String> leftOut) {}

  static <T> Found<T> of(Class<T> service) {
    // An application server's context loader may see plugins that our own loader does not.
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    @Nullable ClassLoader loader =
        context == null || !sees(context, service) ? service.getClassLoader() : context;
    Iterator<T> all = ServiceLoader.load(service, loader).iterator();
    List<T> working = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    while (failures.size() < MOST_FAILURES) {
      try {
        if (!all.hasNext()) {
          break;
        }
        working.add(all.next());
      } catch (OutOfMemoryError e) {
        throw e;
      } catch (Throwable e) { // whatever a plugin's constructor or initializer throws
        failures.add(e);
      }
    }
    return new Found<>(
        working, failures.isEmpty() ? List.of() : leftOut(service, loader, working, failures));
  }

  private static boolean sees(ClassLoader loader, Class<?> service) {
    try {
      return Class.forName(service.getName(), false, loader) == service;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  /** Finds out which of the listed classes are missing among those that work, and why. */
  private static List<String> leftOut(
      Class<?> service, @Nullable ClassLoader loader, List<?> working, List<Throwable> failures) {
    Set<String> known = new HashSet<>();
    working.forEach(each -> known.add(each.getClass().getName()));
    List<Throwable> unexplained = new ArrayList<>(failures);
    List<String> sentences = new ArrayList<>();
    for (URL list : lists(service, loader)) {
      for (String name : classes(list)) {
        if (known.add(name)) {
          Throwable cause = cause(name, list, service, loader, unexplained);
          sentences.add(
              "%s of %s: %s".formatted(name, Plugins.place(list.toString()), Plugins.cause(cause)));
        }
      }
    }
    if (sentences.isEmpty()) {
      failures.forEach(each -> sentences.add(Plugins.cause(each)));
    }
    return sentences;
  }

  private static List<URL> lists(Class<?> service, @Nullable ClassLoader loader) {
    String name = "META-INF/services/" + service.getName();
    try {
      Enumeration<URL> lists =
          loader == null ? ClassLoader.getSystemResources(name) : loader.getResources(name);
      return Collections.list(lists);
    } catch (IOException e) {
      return List.of();
    }
  }

  private static List<String> classes(URL list) {
    List<String> names = new ArrayList<>();
    try {
      URLConnection connection = list.openConnection();
      connection.setUseCaches(false);
      try (InputStream in = connection.getInputStream();
          BufferedReader lines =
              new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          String name = line.replaceFirst("#.*", "").strip();
          if (!name.isEmpty()) {
            names.add(name);
          }
        }
      }
    } catch (IOException e) {
      // the loader could not read it either, and its failure says why
      return names;
    }
    return names;
  }

  /** The failure that names the class or its list, else what making it again throws. */
  private static Throwable cause(
      String name,
      URL list,
      Class<?> service,
      @Nullable ClassLoader loader,
      List<Throwable> unexplained) {
    for (Throwable each : unexplained) {
      String message = String.valueOf(each.getMessage());
      if (message.contains("Provider " + name + " ") || message.contains(list.toString())) {
        return each;
      }
    }
    try {
      Class<?> type = Class.forName(name, true, loader);
      if (!service.isAssignableFrom(type)) {
        return new ClassCastException("it is no " + service.getSimpleName());
      }
      type.getConstructor().newInstance();
    } catch (Throwable e) {
      return e;
    }
    return unexplained.get(0);
  }
}
