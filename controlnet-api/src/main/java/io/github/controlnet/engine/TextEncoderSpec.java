package io.github.controlnet.engine;

/**
 * The sizes of a CLIP text model (Radford et al. 2021, arXiv:2103.00020, section 2.4).
 *
 * @param vocabulary token ids, 49408 for CLIP
 * @param positions tokens in a text, 77 for CLIP
 * @param width values in a token's hidden state, 768 for CLIP-L
 * @param layers transformer layers whose output is used
 * @param heads attention heads, 12 for CLIP-L
 * @param feedForwardWidth values in the hidden layer of the feed-forward network
 * @param activation its activation
 * @param normEpsilon epsilon of the layer norms
 */
public record TextEncoderSpec(
    int vocabulary,
    int positions,
    int width,
    int layers,
    int heads,
    int feedForwardWidth,
    Activation activation,
    double normEpsilon) {

  /** The activation of the feed-forward network. */
  public enum Activation {
    /** {@code x sigmoid(1.702 x)}, as OpenAI's CLIP. */
    QUICK_GELU,
    /** The exact GELU, as OpenCLIP. */
    GELU
  }
}
