package io.github.controlnet.spi;

import java.util.List;

/**
 * Gives several annotators, for plugins that have more than one. Found through {@link
 * java.util.ServiceLoader}, like a single {@link AnnotatorProvider}, and like it cheap to create
 * and to ask.
 */
public interface AnnotatorCatalog {

  /**
   * Lists the annotators.
   *
   * @return their providers; each is held to what {@link AnnotatorProvider} says, and one that is
   *     wrong is left out alone
   */
  List<AnnotatorProvider> annotators();
}
