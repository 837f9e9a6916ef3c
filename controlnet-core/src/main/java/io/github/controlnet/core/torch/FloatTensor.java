package io.github.controlnet.core.torch;

/**
 * Values in Java, row-major.
 *
 * @param values as many as the product of the shape
 * @param shape the lengths of the axes
 */
public record FloatTensor(float[] values, long... shape) {
  /**
   * Returns the length of an axis.
   *
   * @param axis from 0; negative ones count from the last
   * @return its length
   */
  public int side(int axis) {
    return Math.toIntExact(shape[axis < 0 ? shape.length + axis : axis]);
  }
}
