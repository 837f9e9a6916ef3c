package io.github.controlnet.spi;

import io.github.controlnet.ControlNetException;
import io.github.controlnet.ProviderNotFoundException;
import io.github.controlnet.spi.annotator.AnnotatorProvider;
import io.github.controlnet.spi.engine.EngineProvider;
import io.github.controlnet.spi.scheduler.Scheduler;
import io.github.controlnet.spi.scheduler.SchedulerProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Finds implementations on the class path through {@link ServiceLoader}, by name. Two of one kind
 * and name are an error that names both classes: nothing depends on the order of jars.
 */
public final class Providers {
  private static final String ADD_ANNOTATORS =
      "Add the artifact io.github.controlnet:controlnet-annotators, or the plugin that has it.";
  private static final String ADD_CORE =
      "Add the artifact io.github.controlnet:controlnet-core, or the plugin that has it.";

  private Providers() {}

  /**
   * Finds an annotator.
   *
   * @param name its name, or one of its other names if no annotator has it as the name
   * @return the provider
   * @throws ProviderNotFoundException when there is none
   */
  public static AnnotatorProvider annotator(String name) {
    Map<String, AnnotatorProvider> all = annotatorsByName();
    List<AnnotatorProvider> aliased =
        all.containsKey(name)
            ? List.of()
            : all.values().stream().filter(each -> each.aliases().contains(name)).toList();
    if (aliased.size() > 1) {
      throw new ControlNetException(
          "\"%s\" is another name of several annotators: %s. Name the one that is meant."
              .formatted(
                  name, String.join(", ", aliased.stream().map(AnnotatorProvider::name).toList())));
    }
    return aliased.isEmpty() ? pick("annotator", name, all, ADD_ANNOTATORS) : aliased.get(0);
  }

  /**
   * Lists the annotators.
   *
   * @return in alphabetical order of their names
   */
  public static List<AnnotatorProvider> annotators() {
    return List.copyOf(annotatorsByName().values());
  }

  /**
   * Finds a scheduler.
   *
   * @param name its name
   * @return the scheduler
   * @throws ProviderNotFoundException when there is none
   */
  public static Scheduler scheduler(String name) {
    return pick("scheduler", name, schedulersByName(), ADD_CORE);
  }

  /**
   * Lists the schedulers.
   *
   * @return their names in alphabetical order
   */
  public static List<String> schedulerNames() {
    return List.copyOf(schedulersByName().keySet());
  }

  /**
   * Finds an engine.
   *
   * @param name its name
   * @return the provider
   * @throws ProviderNotFoundException when there is none
   */
  public static EngineProvider engine(String name) {
    return pick(
        "engine",
        name,
        byName("engine", load(EngineProvider.class), EngineProvider::name),
        ADD_CORE);
  }

  /**
   * Finds the one implementation of a service that has no names.
   *
   * @param service the interface
   * @param kind what it is called in messages
   * @param remedy which artifact to add when there is none
   * @param <T> the interface
   * @return the implementation
   * @throws ProviderNotFoundException when there is none or more than one
   */
  public static <T> T only(Class<T> service, String kind, String remedy) {
    List<T> found = load(service);
    if (found.size() == 1) {
      return found.get(0);
    }
    throw new ProviderNotFoundException(
        kind,
        "default",
        found.stream().map(each -> each.getClass().getName()).toList(),
        found.isEmpty() ? remedy : "Expected exactly one: remove the others from the class path.");
  }

  private static Map<String, AnnotatorProvider> annotatorsByName() {
    return byName("annotator", load(AnnotatorProvider.class), AnnotatorProvider::name);
  }

  private static Map<String, Scheduler> schedulersByName() {
    List<Scheduler> all = new ArrayList<>();
    load(SchedulerProvider.class).forEach(provider -> all.addAll(provider.schedulers()));
    return byName("scheduler", all, Scheduler::name);
  }

  private static <T> T pick(String kind, String name, Map<String, T> all, String remedy) {
    T found = all.get(name);
    if (found == null) {
      throw new ProviderNotFoundException(kind, name, all.keySet(), remedy);
    }
    return found;
  }

  private static <T> Map<String, T> byName(String kind, List<T> all, Function<T, String> name) {
    Map<String, T> result = new TreeMap<>();
    for (T each : all) {
      T other = result.put(name.apply(each), each);
      if (other != null) {
        throw new ControlNetException(
            "Two implementations of the %s \"%s\" are on the class path: %s and %s. Remove one."
                .formatted(
                    kind, name.apply(each), other.getClass().getName(), each.getClass().getName()));
      }
    }
    return result;
  }

  private static <T> List<T> load(Class<T> service) {
    // An application server's context loader may see plugins that our own loader does not.
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    ServiceLoader<T> loader =
        context == null || !sees(context, service)
            ? ServiceLoader.load(service, service.getClassLoader())
            : ServiceLoader.load(service, context);
    List<T> found = new ArrayList<>();
    try {
      loader.forEach(found::add);
    } catch (ServiceConfigurationError e) {
      throw new ControlNetException(
          "An implementation of %s could not be loaded: %s"
              .formatted(service.getSimpleName(), e.getMessage()),
          e);
    }
    return found;
  }

  private static boolean sees(ClassLoader loader, Class<?> service) {
    try {
      return Class.forName(service.getName(), false, loader) == service;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
