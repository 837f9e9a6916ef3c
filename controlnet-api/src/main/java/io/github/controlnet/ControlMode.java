package io.github.controlnet;

/**
 * How a control weighs against the prompt: how the control's residuals are weighted from the first
 * skip to the middle block, and whether the unconditional half of guidance gets the control too.
 * The weights are multiplied with the control scale and the layer weights.
 */
public enum ControlMode {
  /** Every residual counts alike, in both halves of guidance. */
  BALANCED,
  /**
   * The prompt matters more: residual i of n is weighted by 0.825^(n - 1 - i), in both halves ("My
   * prompt is more important" of sd-webui-controlnet).
   */
  PROMPT,
  /**
   * The control matters more: the weights of {@link #PROMPT}, in the conditional half alone, so
   * that guidance enlarges what the control says too ("ControlNet is more important" of
   * sd-webui-controlnet; guess mode of the original code).
   */
  CONTROL,
  /**
   * Resolution weighting of the paper (Zhang et al. 2023, arXiv:2302.05543, section 3.4): each
   * residual is weighted by the latents' height over its own, in the conditional half alone.
   */
  RESOLUTION
}
