package io.github.controlnet.annotators;

import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.spi.AnnotatorProvider;
import java.util.List;

/** What all providers in here say of themselves. */
abstract class BuiltInProvider implements AnnotatorProvider {
  private final String name;
  private final String description;
  private final List<AnnotatorOption> options;

  BuiltInProvider(String name, String description, AnnotatorOption... options) {
    this.name = name;
    this.description = description;
    this.options = List.of(options);
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final String description() {
    return description;
  }

  @Override
  public final List<AnnotatorOption> options() {
    return options;
  }
}
