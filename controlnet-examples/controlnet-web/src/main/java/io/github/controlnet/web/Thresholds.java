package io.github.controlnet.web;

import io.github.controlnet.Annotators;
import io.github.controlnet.spi.annotator.AnnotatorOption;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The thresholds a and b of the web UI's interface: the first two numbers among an annotator's
 * options. As there, a value that is not legal stands for the default.
 */
final class Thresholds {
  private Thresholds() {}

  static Map<String, String> of(String annotator, double first, double second) {
    Map<String, String> options = new HashMap<>();
    if (annotator.equals("none")) {
      return options;
    }
    List<AnnotatorOption> numbers = numbers(annotator);
    put(options, numbers, 0, first);
    put(options, numbers, 1, second);
    return options;
  }

  /** The options that the thresholds stand for, at most two. */
  static List<AnnotatorOption> numbers(String annotator) {
    return Annotators.named(annotator).options().stream()
        .filter(
            option ->
                option.type() == AnnotatorOption.Type.INTEGER
                    || option.type() == AnnotatorOption.Type.NUMBER)
        .limit(2)
        .toList();
  }

  private static void put(
      Map<String, String> options, List<AnnotatorOption> numbers, int index, double value) {
    if (index >= numbers.size()) {
      return;
    }
    AnnotatorOption option = numbers.get(index);
    if (value >= option.minimum() && value <= option.maximum()) {
      options.put(
          option.name(),
          option.type() == AnnotatorOption.Type.INTEGER
              ? String.format(Locale.ROOT, "%.0f", value)
              : Double.toString(value));
    }
  }
}
