package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Derivation;
import io.github.controlnet.core.nn.Derivation.Part;
import java.util.ArrayList;
import java.util.List;

/**
 * A convolution and the batch norm after it as one convolution: the norm's scale goes into the
 * kernel, its shift into the bias.
 *
 * @param conv name of the convolution
 * @param norm name of the batch norm
 * @param shape of the convolution
 * @param epsilon of the norm
 */
record FoldedNorm(String conv, String norm, Convolution shape, double epsilon) {

  Derivation kernel() {
    Part kernel =
        Part.of(
            conv + ".weight",
            (long) shape.out(),
            (long) shape.in() / shape.groups(),
            (long) shape.side(),
            (long) shape.side());
    return new Derivation(
        List.of(kernel, part(norm + ".weight"), part(norm + ".running_var")),
        parts -> {
          float[] values = parts.get(0);
          int each = values.length / shape.out();
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) (values[i] * scale(parts, i / each));
          }
          return values;
        });
  }

  Derivation bias() {
    List<Part> parts =
        new ArrayList<>(
            List.of(
                part(norm + ".bias"),
                part(norm + ".weight"),
                part(norm + ".running_var"),
                part(norm + ".running_mean")));
    if (shape.bias()) {
      parts.add(part(conv + ".bias"));
    }
    return new Derivation(
        parts,
        values -> {
          float[] shift = values.get(0);
          for (int i = 0; i < shift.length; i++) {
            double mean = values.get(3)[i] - (shape.bias() ? (double) values.get(4)[i] : 0);
            shift[i] = (float) (shift[i] - mean * scale(values, i));
          }
          return shift;
        });
  }

  private Part part(String name) {
    return Part.of(name, (long) shape.out());
  }

  /** The second part is the norm's weight, the third the variance. */
  private double scale(List<float[]> parts, int channel) {
    return parts.get(1)[channel] / Math.sqrt(parts.get(2)[channel] + epsilon);
  }
}
