package io.github.controlnet.core.network;

import static io.github.controlnet.core.network.ScriptWriter.number;

/**
 * What happens to each value that a convolution gives.
 *
 * @param operator PyTorch's in-place operator, with the value's place left open, or "" for none
 * @param fused the name by which oneDNN does the same while it writes the convolution's results
 * @param scalars what it needs to know, as TorchScript writes a list
 */
public record Activation(String operator, String fused, String scalars) {
  public static final Activation NONE = new Activation("", "none", "[]");
  public static final Activation RELU = new Activation("torch.relu_(%s)", "relu", "[]");
  public static final Activation SILU = new Activation("torch.silu_(%s)", "swish", "[]");

  /** ReLU that ends at 6. */
  public static final Activation RELU6 =
      new Activation("torch.hardtanh_(%s, 0., 6.)", "hardtanh", scalars("0., 6."));

  /** ReLU that leaves a share of what is negative. */
  public static Activation leakyRelu(double slope) {
    String share = number(slope);
    return new Activation("torch.leaky_relu_(%s, " + share + ")", "leaky_relu", scalars(share));
  }

  /** The type has to be told where there are some. */
  private static String scalars(String values) {
    return "annotate(List[Optional[number]], [" + values + "])";
  }
}
