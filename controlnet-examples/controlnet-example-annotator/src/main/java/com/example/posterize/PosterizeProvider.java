package com.example.posterize;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.spi.AnnotatorProvider;
import java.util.List;

/** Tells about the annotator {@code posterize} and creates it. */
public final class PosterizeProvider implements AnnotatorProvider {

  /** Creates the provider; called by {@link java.util.ServiceLoader}. */
  public PosterizeProvider() {}

  @Override
  public String name() {
    return "posterize";
  }

  @Override
  public String description() {
    return "The photograph in few colours, as on a poster.";
  }

  @Override
  public List<AnnotatorOption> options() {
    return List.of(
        AnnotatorOption.integer("levels", 4, 2, 64, "How many levels red, green and blue have."));
  }

  @Override
  public List<String> controls() {
    return List.of("control_v11f1e_sd15_tile");
  }

  @Override
  public Annotator create(AnnotatorOptions options, AnnotatorContext context) {
    return new PosterizeAnnotator(options.integer("levels"));
  }
}
