package io.github.controlnet.core.files;

import io.github.controlnet.engine.WeightSource.DType;
import java.nio.ByteBuffer;

/**
 * Conversions between floats and the formats in which weights are stored. Rounding is to nearest,
 * ties to even, as in IEEE 754 and PyTorch.
 */
public final class FloatFormats {
  private static final int SIGN = 0x8000;
  private static final int INFINITY = 0x7f800000;

  private FloatFormats() {}

  /**
   * Tells whether values of a type are floating-point numbers.
   *
   * @param dtype the type
   * @return whether {@link #read} takes it
   */
  public static boolean isFloat(DType dtype) {
    return switch (dtype) {
      case F32, F16, BF16, F64 -> true;
      case I64, I32, I16, I8, U8, BOOL -> false;
    };
  }

  /**
   * Reads the next values.
   *
   * @param dtype their type, a floating-point one
   * @param from little-endian bytes, read from the position on
   * @param to filled from its beginning
   * @param count how many
   */
  public static void read(DType dtype, ByteBuffer from, float[] to, int count) {
    switch (dtype) {
      case F32 -> {
        for (int i = 0; i < count; i++) {
          to[i] = from.getFloat();
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          to[i] = ofHalf(from.getShort());
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          to[i] = Float.intBitsToFloat(from.getShort() << 16);
        }
      }
      case F64 -> {
        for (int i = 0; i < count; i++) {
          to[i] = (float) from.getDouble();
        }
      }
      default -> throw new IllegalArgumentException("no floating-point type: " + dtype);
    }
  }

  /**
   * Writes values.
   *
   * @param dtype F32, F16 or BF16
   * @param from the values, from its beginning
   * @param count how many
   * @param to a little-endian buffer, written from its position on
   */
  public static void write(DType dtype, float[] from, int count, ByteBuffer to) {
    switch (dtype) {
      case F32 -> {
        for (int i = 0; i < count; i++) {
          to.putFloat(from[i]);
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          to.putShort(toHalf(from[i]));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          to.putShort(toBfloat16(from[i]));
        }
      }
      default -> throw new IllegalArgumentException("cannot be written: " + dtype);
    }
  }

  /**
   * Tells whether a finite value becomes infinite.
   *
   * @param dtype F32, F16 or BF16
   * @param value the value
   * @return whether it is too large for the type
   */
  public static boolean overflows(DType dtype, float value) {
    if (!Float.isFinite(value)) {
      return false;
    }
    return switch (dtype) {
      case F16 -> (toHalf(value) & 0x7fff) == 0x7c00;
      case BF16 -> (toBfloat16(value) & 0x7fff) == 0x7f80;
      default -> false;
    };
  }

  private static float ofHalf(short half) {
    int sign = (half & SIGN) << 16;
    int exponent = (half >>> 10) & 0x1f;
    int fraction = half & 0x3ff;
    if (exponent == 0) {
      float magnitude = fraction * 0x1p-24f;
      return Float.intBitsToFloat(sign | Float.floatToRawIntBits(magnitude));
    }
    int bits = exponent == 0x1f ? INFINITY : (exponent + 112) << 23;
    return Float.intBitsToFloat(sign | bits | fraction << 13);
  }

  private static short toHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & SIGN;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > INFINITY) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= Float.floatToRawIntBits(65520f)) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < Float.floatToRawIntBits(0x1p-14f)) {
      // next to 0.5 a float's last place is 2^-24, which is a half's below 2^-14
      float rounded = Float.intBitsToFloat(magnitude) + 0.5f;
      return (short) (sign | (Float.floatToRawIntBits(rounded) - Float.floatToRawIntBits(0.5f)));
    }
    int rounded = magnitude - (112 << 23) + 0xfff + ((magnitude >>> 13) & 1);
    return (short) (sign | (rounded >>> 13));
  }

  private static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & 0x7fffffff) > INFINITY) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }
}
