package io.github.controlnet.core.nn;

/** What a value is. */
public enum Type {
  /** Numbers of the type of activations, or float32. */
  TENSOR,
  /** Whole numbers in a tensor. */
  INDICES,
  /** Truth values in a tensor. */
  MASK,
  /** Several tensors. */
  TENSORS,
  WHOLE,
  REAL,
  WHOLES,
  REALS;

  /** Tells whether it is one tensor, of whatever numbers. */
  public boolean isTensor() {
    return this == TENSOR || this == INDICES || this == MASK;
  }
}
