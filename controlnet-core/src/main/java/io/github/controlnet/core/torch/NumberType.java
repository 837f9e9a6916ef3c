package io.github.controlnet.core.torch;

import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.WeightSource;

/** PyTorch's numbers for its number types (c10/core/ScalarType.h). */
public final class NumberType {
  public static final int INT32 = 3;
  public static final int INT64 = 4;
  public static final int FLOAT16 = 5;
  public static final int FLOAT32 = 6;
  public static final int FLOAT64 = 7;
  public static final int BFLOAT16 = 15;

  private NumberType() {}

  public static int of(Precision precision) {
    return switch (precision) {
      case FLOAT32 -> FLOAT32;
      case FLOAT16 -> FLOAT16;
      case BFLOAT16 -> BFLOAT16;
      case AUTO -> throw new IllegalArgumentException("AUTO is resolved before");
    };
  }

  public static int of(WeightSource.DType dtype) {
    return switch (dtype) {
      case U8 -> 0;
      case I8 -> 1;
      case I16 -> 2;
      case I32 -> 3;
      case I64 -> 4;
      case F16 -> FLOAT16;
      case F32 -> FLOAT32;
      case F64 -> FLOAT64;
      case BOOL -> 11;
      case BF16 -> BFLOAT16;
    };
  }
}
