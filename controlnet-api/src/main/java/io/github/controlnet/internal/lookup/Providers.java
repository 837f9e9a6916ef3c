package io.github.controlnet.internal.lookup;

import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.ProviderNotFoundException;
import io.github.controlnet.internal.Plugins;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.spi.AnnotatorCatalog;
import io.github.controlnet.spi.AnnotatorProvider;
import io.github.controlnet.spi.EngineProvider;
import io.github.controlnet.spi.SamplerProvider;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds implementations on the class path through {@link ServiceLoader}, by name. One that cannot
 * be made or does not describe itself is left out alone; so is one whose name is taken, by this
 * library's first, else by the class that comes first in the alphabet: nothing depends on the order
 * of jars. What is left out is logged once, and named where a name is not found.
 */
public final class Providers {
  private static final Logger LOG = System.getLogger(Providers.class.getName());
  private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();
  private static final String ADD_ANNOTATORS =
      "Add the artifact io.github.controlnet:controlnet-annotators, or the plugin that has it.";
  private static final String ADD_CORE =
      "Add the artifact io.github.controlnet:controlnet-core, or the plugin that has it.";

  private Providers() {}

  /**
   * Implementations of a kind by their names.
   *
   * @param byName those that work
   * @param leftOut a sentence for each of the others
   */
  private record Named<T>(Map<String, T> byName, List<String> leftOut) {}

  /**
   * Finds an annotator.
   *
   * @param name its name, or one of its other names if no annotator has it as the name; in any case
   * @return the provider
   * @throws ProviderNotFoundException when there is none
   */
  public static AnnotatorProvider annotator(String name) {
    Named<AnnotatorProvider> found = annotatorsByName();
    Map<String, AnnotatorProvider> all = found.byName();
    String small = name.strip().toLowerCase(Locale.ROOT);
    return all.containsKey(name) || small.equals(name)
        ? annotator(name, found)
        : annotator(small, found);
  }

  private static AnnotatorProvider annotator(String name, Named<AnnotatorProvider> found) {
    Map<String, AnnotatorProvider> all = found.byName();
    List<AnnotatorProvider> aliased =
        all.containsKey(name)
            ? List.of()
            : all.values().stream().filter(each -> each.aliases().contains(name)).toList();
    if (aliased.size() > 1) {
      List<AnnotatorProvider> own =
          aliased.stream().filter(each -> Plugins.isLibrary(each.getClass())).toList();
      aliased = own.size() == 1 ? own : aliased;
    }
    if (aliased.size() > 1) {
      throw new ControlNetException(
          "\"%s\" is another name of several annotators: %s. Name the one that is meant."
              .formatted(
                  name, String.join(", ", aliased.stream().map(AnnotatorProvider::name).toList())));
    }
    return aliased.isEmpty() ? pick("annotator", name, found, ADD_ANNOTATORS) : aliased.get(0);
  }

  /**
   * Lists the annotators.
   *
   * @return in alphabetical order of their names
   */
  public static List<AnnotatorProvider> annotators() {
    return List.copyOf(annotatorsByName().byName().values());
  }

  /**
   * Tells which annotators are on the class path but cannot be used.
   *
   * @return for each its class, its jar and why; empty when all can be used
   */
  public static List<String> annotatorsLeftOut() {
    return annotatorsByName().leftOut();
  }

  /**
   * Finds a sampler.
   *
   * @param name its name
   * @return the sampler
   * @throws ProviderNotFoundException when there is none
   */
  public static Sampler sampler(String name) {
    return pick("sampler", name, samplersByName(), ADD_CORE);
  }

  /**
   * Lists the samplers.
   *
   * @return their names in alphabetical order
   */
  public static List<String> samplerNames() {
    return List.copyOf(samplersByName().byName().keySet());
  }

  /**
   * Tells which samplers are on the class path but cannot be used.
   *
   * @return for each its class, its jar and why; empty when all can be used
   */
  public static List<String> samplersLeftOut() {
    return samplersByName().leftOut();
  }

  /**
   * Finds an engine.
   *
   * @param name its name
   * @return the provider
   * @throws ProviderNotFoundException when there is none
   */
  public static EngineProvider engine(String name) {
    ServiceScan.Found<EngineProvider> found = ServiceScan.of(EngineProvider.class);
    return pick(
        "engine",
        name,
        byName("engine", found.working(), EngineProvider::name, found.leftOut()),
        ADD_CORE);
  }

  /**
   * Finds the one implementation of a service that has no names. This library's own goes before a
   * plugin's.
   *
   * @param service the interface
   * @param kind what it is called in messages
   * @param remedy which artifact to add when there is none
   * @param <T> the interface
   * @return the implementation
   * @throws ProviderNotFoundException when there is none or more than one
   */
  public static <T> T only(Class<T> service, String kind, String remedy) {
    ServiceScan.Found<T> found = ServiceScan.of(service);
    List<String> leftOut = new ArrayList<>(found.leftOut());
    List<T> own =
        found.working().stream().filter(each -> Plugins.isLibrary(each.getClass())).toList();
    List<T> chosen = own.size() == 1 ? own : found.working();
    if (chosen.size() == 1) {
      T one = chosen.get(0);
      found.working().stream()
          .filter(each -> each != one)
          .forEach(each -> leftOut.add(taken(each, "there is one " + kind + " alone", one)));
      log(kind, leftOut);
      return one;
    }
    throw new ProviderNotFoundException(
        kind,
        "default",
        chosen.stream().map(each -> each.getClass().getName()).toList(),
        chosen.isEmpty()
            ? remedy + told(leftOut)
            : "Expected exactly one: remove the others from the class path.");
  }

  private static Named<AnnotatorProvider> annotatorsByName() {
    ServiceScan.Found<AnnotatorProvider> found = ServiceScan.of(AnnotatorProvider.class);
    ServiceScan.Found<AnnotatorCatalog> catalogs = ServiceScan.of(AnnotatorCatalog.class);
    List<String> leftOut = new ArrayList<>(found.leftOut());
    leftOut.addAll(catalogs.leftOut());
    List<AnnotatorProvider> all = new ArrayList<>(found.working());
    for (AnnotatorCatalog catalog : catalogs.working()) {
      all.addAll(listed(catalog, "annotators()", catalog::annotators, leftOut));
    }
    List<AnnotatorProvider> sound = new ArrayList<>();
    for (AnnotatorProvider each : all) {
      String problem = problem(each);
      if (problem == null) {
        sound.add(each);
      } else {
        leftOut.add(Plugins.named(each.getClass()) + ": " + problem);
      }
    }
    return byName("annotator", sound, AnnotatorProvider::name, leftOut);
  }

  /** What an annotator cannot say of itself; null when it says all. */
  private static @Nullable String problem(AnnotatorProvider provider) {
    Map<String, Function<AnnotatorProvider, @Nullable Object>> answers = new TreeMap<>();
    answers.put("aliases()", each -> List.copyOf(each.aliases()));
    answers.put("description()", AnnotatorProvider::description);
    answers.put("options()", each -> List.copyOf(each.options()));
    answers.put("weights()", each -> List.copyOf(each.weights()));
    answers.put("controls()", each -> List.copyOf(each.controls()));
    answers.put("resampling()", AnnotatorProvider::resampling);
    for (Map.Entry<String, Function<AnnotatorProvider, @Nullable Object>> answer :
        answers.entrySet()) {
      String problem = problem(answer.getKey(), () -> answer.getValue().apply(provider));
      if (problem != null) {
        return problem;
      }
    }
    return null;
  }

  private static @Nullable String problem(String call, Supplier<@Nullable Object> body) {
    try {
      return body.get() == null ? "its " + call + " is null" : null;
    } catch (OutOfMemoryError e) {
      throw e;
    } catch (Throwable e) { // whatever a plugin throws
      return "its %s failed: %s".formatted(call, Plugins.cause(e));
    }
  }

  private static Named<Sampler> samplersByName() {
    ServiceScan.Found<SamplerProvider> found = ServiceScan.of(SamplerProvider.class);
    List<String> leftOut = new ArrayList<>(found.leftOut());
    List<Sampler> all = new ArrayList<>();
    for (SamplerProvider provider : found.working()) {
      all.addAll(listed(provider, "samplers()", provider::samplers, leftOut));
    }
    return byName("sampler", all, Sampler::name, leftOut);
  }

  /** What a plugin gives a list of; what is wrong with it is added to what is left out. */
  private static <T> List<T> listed(
      Object plugin, String call, Supplier<List<T>> list, List<String> leftOut) {
    List<T> sound = new ArrayList<>();
    List<T> its = new ArrayList<>();
    String problem = problem(call, () -> its.addAll(list.get()));
    if (problem != null) {
      leftOut.add(Plugins.named(plugin.getClass()) + ": " + problem);
      return sound;
    }
    for (T each : its) {
      if (each == null) {
        leftOut.add("%s: one of its %s is null".formatted(Plugins.named(plugin.getClass()), call));
      } else {
        sound.add(each);
      }
    }
    return sound;
  }

  private static <T> T pick(String kind, String name, Named<T> all, String remedy) {
    T found = all.byName().get(name);
    if (found == null) {
      throw new ProviderNotFoundException(
          kind, name, all.byName().keySet(), remedy + told(all.leftOut()));
    }
    return found;
  }

  private static String told(List<String> leftOut) {
    return leftOut.isEmpty()
        ? ""
        : " On the class path, but left out: %s.".formatted(String.join("; ", leftOut));
  }

  private static <T> Named<T> byName(
      String kind, List<T> all, Function<T, @Nullable String> name, List<String> broken) {
    List<String> leftOut = new ArrayList<>(broken);
    Map<String, T> result = new TreeMap<>();
    List<T> ordered = new ArrayList<>(all);
    ordered.sort(
        Comparator.comparing((T each) -> !Plugins.isLibrary(each.getClass()))
            .thenComparing(each -> each.getClass().getName()));
    for (T each : ordered) {
      String problem = problem("name()", () -> name.apply(each));
      if (problem != null) {
        leftOut.add(Plugins.named(each.getClass()) + ": " + problem);
        continue;
      }
      String word = String.valueOf(name.apply(each));
      if (word.isBlank()) {
        leftOut.add(Plugins.named(each.getClass()) + ": its name() is blank");
        continue;
      }
      T other = result.putIfAbsent(word, each);
      if (other != null) {
        leftOut.add(taken(each, "the name \"" + word + "\" is taken", other));
      }
    }
    log(kind, leftOut);
    return new Named<>(result, List.copyOf(leftOut));
  }

  private static String taken(Object one, String why, Object other) {
    return "%s: %s by %s"
        .formatted(Plugins.named(one.getClass()), why, Plugins.named(other.getClass()));
  }

  private static void log(String kind, List<String> leftOut) {
    for (String each : leftOut) {
      if (LOGGED.add(kind + each)) {
        LOG.log(Logger.Level.WARNING, "Left out of the {0}s: {1}.", kind, each);
      }
    }
  }
}
