package io.github.controlnet.annotators;

import io.github.controlnet.tck.AnnotatorTck;
import java.util.HashMap;
import java.util.Map;

/** The test kit on an annotator with random weights. */
abstract class LearnedTck extends AnnotatorTck {
  private final String name;
  private final String weights;
  private final Map<String, String> options;

  LearnedTck(String name, String weights) {
    this(name, weights, Map.of());
  }

  /** Gives options besides {@code model}. */
  LearnedTck(String name, String weights, Map<String, String> options) {
    this.name = name;
    this.weights = weights;
    this.options = options;
  }

  @Override
  protected String annotatorName() {
    return name;
  }

  @Override
  protected Map<String, String> annotatorOptions() {
    Map<String, String> all = new HashMap<>(options);
    all.put("model", RandomWeights.file(weights).toString());
    return all;
  }
}
