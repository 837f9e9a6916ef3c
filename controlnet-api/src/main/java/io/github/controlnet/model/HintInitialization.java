package io.github.controlnet.model;

/** How the hint block of a new control begins. Its last convolution is zero either way. */
public enum HintInitialization {
  /**
   * PyTorch's default for convolutions, as the original code and diffusers have it. Each of its
   * stages makes a signal weaker: after eight, maps of thin lines differ from each other by a
   * hundred-thousandth, which drowns in bfloat16 and takes long to be found in float32.
   */
  PYTORCH,
  /**
   * The gain that keeps a signal as strong through every stage (He et al. 2015, arXiv:1502.01852,
   * equation 10), and no biases: the same random numbers as {@link #PYTORCH}, times the root of 6.
   */
  HE
}
