package io.github.controlnet;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.internal.Values;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The schedules of scales that have names. They print as they are typed. */
final class Scales {
  private Scales() {}

  static ScaleSchedule parse(String text) {
    boolean range = text.contains("..");
    String[] parts = text.split(range ? "\\.\\." : ",", -1);
    double[] numbers;
    try {
      numbers = Arrays.stream(parts).map(String::strip).mapToDouble(Double::parseDouble).toArray();
    } catch (NumberFormatException e) {
      throw unlike(text);
    }
    if (range) {
      if (numbers.length != 2) {
        throw unlike(text);
      }
      return ScaleSchedule.linear(numbers[0], numbers[1]);
    }
    return numbers.length == 1
        ? ScaleSchedule.constant(numbers[0])
        : ScaleSchedule.perStep(numbers);
  }

  private static IllegalArgumentException unlike(String text) {
    return new IllegalArgumentException(
        "\"%s\" is not as expected: FROM..TO, such as 1..0.2, or one number for each step, such as 1,0.8,0.5"
            .formatted(text));
  }

  record Constant(double scale) implements ScaleSchedule {
    Constant {
      finite(scale);
    }

    @Override
    public double at(int step, int steps) {
      return scale;
    }

    @Override
    public Optional<String> text() {
      return Optional.of(toString());
    }

    @Override
    public String toString() {
      return Double.toString(scale);
    }
  }

  record Linear(double from, double to) implements ScaleSchedule {
    Linear {
      finite(from);
      finite(to);
    }

    @Override
    public double at(int step, int steps) {
      return steps == 1 ? from : from + (to - from) * step / (steps - 1);
    }

    @Override
    public Optional<String> text() {
      return Optional.of(toString());
    }

    @Override
    public String toString() {
      return from + ".." + to;
    }
  }

  record Listed(List<Double> scales) implements ScaleSchedule {
    Listed {
      scales = List.copyOf(scales);
      scales.forEach(Scales::finite);
      if (scales.isEmpty()) {
        throw new IllegalArgumentException(
            "The list of scales is empty; expected one for each step.");
      }
    }

    Listed(double... scales) {
      this(Arrays.stream(Values.nonNull(scales, "the list of scales")).boxed().toList());
    }

    @Override
    public double at(int step, int steps) {
      if (steps != scales.size()) {
        throw new InvalidRequestException(
            "There are %d scales for %d steps; expected one for each step."
                .formatted(scales.size(), steps));
      }
      return scales.get(step);
    }

    @Override
    public Optional<String> text() {
      return Optional.of(toString());
    }

    @Override
    public String toString() {
      return scales.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
  }

  private static void finite(double scale) {
    Values.finite(scale, "the scale of a schedule");
  }
}
