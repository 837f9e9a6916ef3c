package io.github.controlnet;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.internal.Values;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The schedules of scales that have names. They print as they are typed. */
final class Scales {
  private Scales() {}

  record Constant(double scale) implements ScaleSchedule {
    Constant {
      finite(scale);
    }

    @Override
    public double at(int step, int steps) {
      return scale;
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
    public String toString() {
      return scales.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
  }

  private static void finite(double scale) {
    Values.finite(scale, "the scale of a schedule");
  }
}
