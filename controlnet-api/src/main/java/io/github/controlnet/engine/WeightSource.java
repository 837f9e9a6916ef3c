package io.github.controlnet.engine;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * The weights of one component, by canonical name, read piece by piece from where they are stored.
 * It may be read again after a release, from any thread.
 */
public interface WeightSource {

  /**
   * Lists the tensors.
   *
   * @return what there is, in a stable order
   */
  Map<String, TensorInfo> tensors();

  /**
   * Reads a part of a tensor.
   *
   * @param name a key of {@link #tensors()}
   * @param byteOffset where in the tensor to start, in bytes of the stored type
   * @param destination filled from its position to its limit, little-endian values
   * @throws io.github.controlnet.exception.WeightsException when the file cannot be read or has
   *     changed
   */
  void read(String name, long byteOffset, ByteBuffer destination);

  /** The number type of a stored tensor. */
  enum DType {
    /** 32-bit IEEE floats. */
    F32(4),
    /** 16-bit IEEE floats. */
    F16(2),
    /** The upper 16 bits of 32-bit floats. */
    BF16(2),
    /** 64-bit IEEE floats. */
    F64(8),
    /** 64-bit whole numbers. */
    I64(8),
    /** 32-bit whole numbers. */
    I32(4),
    /** 16-bit whole numbers. */
    I16(2),
    /** 8-bit whole numbers. */
    I8(1),
    /** 8-bit whole numbers without sign. */
    U8(1),
    /** One byte each, 0 or 1. */
    BOOL(1);

    private final int bytes;

    DType(int bytes) {
      this.bytes = bytes;
    }

    /**
     * Returns the size of one value.
     *
     * @return 1 to 8 bytes
     */
    public int bytes() {
      return bytes;
    }
  }

  /**
   * A stored tensor.
   *
   * @param dtype its number type
   * @param shape its shape, contiguous and row-major
   */
  record TensorInfo(DType dtype, List<Long> shape) {
    /** Copies the shape. */
    public TensorInfo {
      shape = List.copyOf(shape);
    }

    /**
     * Returns the number of values.
     *
     * @return the product of the shape, 1 for a scalar
     */
    public long count() {
      long count = 1;
      for (long side : shape) {
        count = Math.multiplyExact(count, side);
      }
      return count;
    }

    /**
     * Returns the size in bytes.
     *
     * @return count times the size of a value
     */
    public long byteSize() {
      return Math.multiplyExact(count(), (long) dtype.bytes());
    }
  }
}
