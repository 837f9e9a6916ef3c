package io.github.controlnet;

/**
 * Guess mode lets the control speak without a prompt: its residuals are weighted from shallow to
 * deep, and the unconditional half of guidance gets no control.
 */
public enum GuessMode {
  /** Off: every residual has the control scale, and both halves of guidance get the control. */
  OFF,
  /** The weights of the original code: scale times 0.825^(12 - i) for residual i of 0 to 12. */
  ORIGINAL,
  /** The weights of diffusers: scale times {@code logspace(-1, 0, 13)}. */
  DIFFUSERS
}
