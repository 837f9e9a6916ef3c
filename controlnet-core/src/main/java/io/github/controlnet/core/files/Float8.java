package io.github.controlnet.core.files;

import io.github.controlnet.engine.WeightSource.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/**
 * Floats of eight bits. Each of their values is one of 16 bits too, so files give them out as such:
 * nothing is rounded, and nobody else has to know them.
 *
 * <p>Micikevicius et al. 2022 (arXiv:2209.05433) for the two that are common, Noune et al. 2022
 * (arXiv:2206.02915) for those without negative zero.
 */
@SuppressWarnings("ImmutableEnumChecker") // the table is filled by the constructor alone
public enum Float8 {
  /** Four bits of exponent, no infinities; all ones are no number. */
  E4M3("F8_E4M3", "float8_e4m3fn", 3, 7, Specials.ONLY_NAN),
  /** Five bits of exponent, infinities and not-a-numbers as in IEEE 754. */
  E5M2("F8_E5M2", "float8_e5m2", 2, 15, Specials.IEEE),
  /** Four bits of exponent, no infinities; what would be negative zero is no number. */
  E4M3_FNUZ("F8_E4M3FNUZ", "float8_e4m3fnuz", 3, 8, Specials.NAN_FOR_NEGATIVE_ZERO),
  /** Five bits of exponent, no infinities; what would be negative zero is no number. */
  E5M2_FNUZ("F8_E5M2FNUZ", "float8_e5m2fnuz", 2, 16, Specials.NAN_FOR_NEGATIVE_ZERO);

  /** Which codes are no finite numbers. */
  private enum Specials {
    /** The largest exponent means infinity, and with a fraction no number. */
    IEEE,
    /** All ones are no number. */
    ONLY_NAN,
    /** What would be negative zero is no number. */
    NAN_FOR_NEGATIVE_ZERO
  }

  private static final int CHUNK = 1 << 16;

  private final String safetensorsName;
  private final String torchName;
  private final short[] halves = new short[256];

  Float8(String safetensorsName, String torchName, int fractionBits, int bias, Specials specials) {
    this.safetensorsName = safetensorsName;
    this.torchName = torchName;
    ByteBuffer half = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
    for (int code = 0; code < halves.length; code++) {
      float[] value = {value(code, fractionBits, bias, specials)};
      FloatFormats.write(DType.F16, value, 1, half.clear());
      halves[code] = half.getShort(0);
    }
  }

  private static float value(int code, int fractionBits, int bias, Specials specials) {
    int magnitude = code & 0x7f;
    int exponent = magnitude >> fractionBits;
    int fraction = magnitude & ((1 << fractionBits) - 1);
    boolean isLargest = exponent == 0x7f >> fractionBits;
    boolean isNan =
        switch (specials) {
          case IEEE -> isLargest && fraction != 0;
          case ONLY_NAN -> magnitude == 0x7f;
          case NAN_FOR_NEGATIVE_ZERO -> code == 0x80;
        };
    if (isNan) {
      return Float.NaN;
    }
    float value;
    if (specials == Specials.IEEE && isLargest) {
      value = Float.POSITIVE_INFINITY;
    } else if (exponent == 0) {
      value = Math.scalb((float) fraction, 1 - bias - fractionBits);
    } else {
      int significand = (1 << fractionBits) + fraction;
      value = Math.scalb((float) significand, exponent - bias - fractionBits);
    }
    return code < 0x80 ? value : -value;
  }

  /** The name that safetensors has for it; tools for people show it. */
  public String safetensorsName() {
    return safetensorsName;
  }

  static Optional<Float8> ofSafetensors(String name) {
    return Arrays.stream(values()).filter(type -> type.safetensorsName.equals(name)).findFirst();
  }

  static Optional<Float8> ofTorch(String name) {
    return Arrays.stream(values()).filter(type -> type.torchName.equals(name)).findFirst();
  }

  /** The bytes of a tensor as they are stored. */
  interface Codes {
    /** Fills the buffer from its position to its limit. */
    void read(long offset, ByteBuffer destination);
  }

  /**
   * Reads a part of a tensor as floats of 16 bits.
   *
   * @param codes the tensor as it is stored
   * @param byteOffset where to start, in bytes of the result; may be inside a value
   * @param destination filled from its position to its limit, little-endian
   */
  void widen(Codes codes, long byteOffset, ByteBuffer destination) {
    long end = byteOffset + destination.remaining();
    ByteBuffer chunk = ByteBuffer.allocate(Math.min(CHUNK, destination.remaining() / 2 + 2));
    for (long first = byteOffset / 2; 2 * first < end; first += chunk.limit()) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), (end + 1) / 2 - first));
      codes.read(first, chunk);
      for (int i = 0; i < chunk.limit(); i++) {
        short half = halves[chunk.get(i) & 0xff];
        long at = 2 * (first + i);
        if (at >= byteOffset) {
          destination.put((byte) half);
        }
        if (at + 1 < end && at + 1 >= byteOffset) {
          destination.put((byte) (half >>> 8));
        }
      }
    }
  }
}
