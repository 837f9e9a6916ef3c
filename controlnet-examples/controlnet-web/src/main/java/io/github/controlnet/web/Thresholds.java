package io.github.controlnet.web;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.core.json.JsonValue;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The thresholds a and b of the web UI's interface: the first two numbers among an annotator's
 * options. Where an annotator has none, clients send any number. A negative one stands for the
 * default, and so does 64, which clients send by themselves, where it is not legal or the
 * preprocessor of the extension has no threshold.
 */
final class Thresholds {
  private static final double SENT_BY_ITSELF = 64;

  /** Annotators for which the extension's own interface has thresholds. */
  private static final Set<String> THERE_TOO =
      Set.of(
          "canny",
          "mlsd",
          "scribble_xdog",
          "threshold",
          "depth_leres",
          "depth_leres_boosted",
          "normal_midas",
          "tile_resample",
          "blur",
          "recolor_luminance",
          "recolor_intensity");

  private Thresholds() {}

  static Map<String, String> of(String annotator, JsonValue first, JsonValue second) {
    Map<String, String> options = new HashMap<>();
    List<AnnotatorOption> numbers = annotator.equals("none") ? List.of() : numbers(annotator);
    List<JsonValue> values = List.of(first, second);
    for (int i = 0; i < values.size(); i++) {
      JsonValue value = values.get(i);
      Optional<Double> number = value.number();
      if (i < numbers.size() && number.isPresent()) {
        if (number.get() != SENT_BY_ITSELF || isThereToo(annotator)) {
          put(options, numbers.get(i), value, number.get());
        }
      }
    }
    return options;
  }

  private static boolean isThereToo(String annotator) {
    return THERE_TOO.contains(Annotators.named(annotator).name());
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
      Map<String, String> options, AnnotatorOption option, JsonValue sent, double value) {
    if (value >= option.minimum() && value <= option.maximum()) {
      if (option.type() == AnnotatorOption.Type.INTEGER && value != Math.rint(value)) {
        throw sent.refused("an integer for \"%s\"".formatted(option.name()));
      }
      options.put(
          option.name(),
          option.type() == AnnotatorOption.Type.INTEGER
              ? String.format(Locale.ROOT, "%.0f", value)
              : Double.toString(value));
    } else if (value >= 0 && value != SENT_BY_ITSELF) {
      throw sent.refused(
          "%s to %s for \"%s\", or -1 for its default"
              .formatted(number(option.minimum()), number(option.maximum()), option.name()));
    }
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : Double.toString(value);
  }
}
