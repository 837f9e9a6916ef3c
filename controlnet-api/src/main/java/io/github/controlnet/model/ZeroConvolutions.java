package io.github.controlnet.model;

/**
 * How the zero convolutions of a new control begin: those behind each block of its encoder and its
 * middle, and the last one of its hint block.
 */
public enum ZeroConvolutions {
  /** Zero: the new control changes nothing, and nothing disturbs what was copied from the base. */
  ZERO,
  /**
   * Gaussian weights of mean 0 whose variance is one over the number of inputs, so that what leaves
   * is as strong as what comes in; zero biases. The control changes every image before it has
   * learned anything. Made for comparison: the ablation of Zhang et al. 2023 (arXiv:2302.05543,
   * section 4.2, figure 8), which leaves the variance open.
   */
  GAUSSIAN
}
