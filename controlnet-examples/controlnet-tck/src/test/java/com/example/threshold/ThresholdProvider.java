package com.example.threshold;

import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.spi.AnnotatorProvider;
import java.util.List;

public final class ThresholdProvider implements AnnotatorProvider {
  @Override
  public String name() {
    return "bright_areas";
  }

  @Override
  public String description() {
    return "Bright areas, white on black.";
  }

  @Override
  public List<AnnotatorOption> options() {
    return List.of(
        AnnotatorOption.integer("level", 128, 1, 255, "The least brightness that is white."));
  }

  @Override
  public Annotator create(AnnotatorOptions options, AnnotatorContext context) {
    return new ThresholdAnnotator(options.integer("level"));
  }
}
