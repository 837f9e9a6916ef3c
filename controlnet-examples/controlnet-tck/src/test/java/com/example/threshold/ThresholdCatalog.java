package com.example.threshold;

import io.github.controlnet.spi.AnnotatorCatalog;
import io.github.controlnet.spi.AnnotatorProvider;
import java.util.List;

public final class ThresholdCatalog implements AnnotatorCatalog {
  @Override
  public List<AnnotatorProvider> annotators() {
    return List.of(new ThresholdProvider());
  }
}
