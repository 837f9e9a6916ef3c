package io.github.controlnet.annotators;

import io.github.controlnet.tck.AnnotatorTck;
import java.util.Map;

/** The test kit on an annotator with random weights. */
abstract class LearnedTck extends AnnotatorTck {
  private final String name;
  private final String weights;

  LearnedTck(String name, String weights) {
    this.name = name;
    this.weights = weights;
  }

  @Override
  protected String annotatorName() {
    return name;
  }

  @Override
  protected Map<String, String> annotatorOptions() {
    return Map.of("model", file(weights));
  }

  static String file(String weights) {
    return RandomWeights.file(weights).toString();
  }
}
