package io.github.controlnet;

import io.github.controlnet.spi.Providers;
import io.github.controlnet.spi.annotator.AnnotatorProvider;
import java.util.List;

/** Finds annotators on the class path. */
public final class Annotators {
  private Annotators() {}

  /**
   * Finds an annotator by its name, or by one of its other names.
   *
   * @param name such as {@code canny}
   * @return its provider, which tells its options and creates it
   * @throws ProviderNotFoundException when there is none, with the names of those there are
   */
  public static AnnotatorProvider named(String name) {
    return Providers.annotator(Values.nonNull(name, "the annotator's name"));
  }

  /**
   * Lists the annotators on the class path.
   *
   * @return their providers in alphabetical order of their names
   */
  public static List<AnnotatorProvider> all() {
    return Providers.annotators();
  }
}
