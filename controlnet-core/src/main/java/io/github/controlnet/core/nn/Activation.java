package io.github.controlnet.core.nn;

import java.util.List;

/**
 * What happens to each value that a convolution gives.
 *
 * @param kind the function
 * @param numbers what it needs to know
 */
public record Activation(Kind kind, List<Double> numbers) {
  /** The functions. */
  public enum Kind {
    NONE,
    RELU,
    SILU,
    /** ReLU that ends at a number: from, to. */
    HARDTANH,
    /** ReLU that leaves a share of what is negative. */
    LEAKY_RELU
  }

  public static final Activation NONE = new Activation(Kind.NONE, List.of());
  public static final Activation RELU = new Activation(Kind.RELU, List.of());
  public static final Activation SILU = new Activation(Kind.SILU, List.of());

  /** ReLU that ends at 6. */
  public static final Activation RELU6 = new Activation(Kind.HARDTANH, List.of(0., 6.));

  public Activation {
    numbers = List.copyOf(numbers);
  }

  /** ReLU that leaves a share of what is negative. */
  public static Activation leakyRelu(double slope) {
    return new Activation(Kind.LEAKY_RELU, List.of(slope));
  }
}
