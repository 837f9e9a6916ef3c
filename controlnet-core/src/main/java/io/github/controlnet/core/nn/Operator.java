package io.github.controlnet.core.nn;

import static io.github.controlnet.core.nn.Operator.Trait.IN_PLACE;
import static io.github.controlnet.core.nn.Operator.Trait.MEASURE;
import static io.github.controlnet.core.nn.Operator.Trait.NEW;
import static io.github.controlnet.core.nn.Operator.Trait.PART;
import static io.github.controlnet.core.nn.Operator.Trait.VIEW;

/** The operators that need no rule of their own: they mean what PyTorch's of these names do. */
public enum Operator {
  ADD(IN_PLACE),
  SUB(IN_PLACE),
  MUL(IN_PLACE),
  DIV(IN_PLACE),
  RSUB,
  NEG,
  POW,
  MINIMUM,
  CLAMP,
  CLAMP_MIN(IN_PLACE),
  REMAINDER,
  FLOORDIV,
  FLOOR,
  SQUARE,
  ABS,
  SQRT,
  EXP,
  LOG,
  SIN,
  COS,
  TANH,
  RELU(IN_PLACE),
  SILU(IN_PLACE),
  GELU(IN_PLACE),
  SIGMOID(IN_PLACE),
  LEAKY_RELU(IN_PLACE),
  HARDTANH(IN_PLACE),
  ELU,
  SOFTPLUS,
  SOFTMAX,
  ADDCMUL,
  ADDCDIV,
  EQ,
  NE,
  GE,
  ANY,
  LOGICAL_OR,
  LOGICAL_NOT,
  SUM,
  MEAN,
  MATMUL,
  LINEAR,
  GROUP_NORM,
  LAYER_NORM,
  BATCH_NORM,
  EMBEDDING,
  EMBEDDING_BAG,
  INDEX_SELECT,
  INDEX_COPY(IN_PLACE),
  CAT,
  STACK,
  CONSTANT_PAD_ND,
  REFLECTION_PAD2D,
  ROLL,
  FLIP,
  MAX_POOL2D,
  ADAPTIVE_AVG_POOL2D,
  UPSAMPLE_NEAREST2D,
  UPSAMPLE_BILINEAR2D,
  UPSAMPLE_BICUBIC2D,
  ARANGE,
  TENSOR,
  FULL_LIKE,
  ZEROS_LIKE,
  CLONE,
  TO(VIEW),
  CONTIGUOUS(VIEW),
  RESHAPE(VIEW),
  PERMUTE(VIEW),
  TRANSPOSE(VIEW),
  T(VIEW),
  NARROW(PART),
  SELECT(PART),
  SLICE(PART),
  EXPAND(PART),
  UNSQUEEZE(VIEW),
  SIZE(MEASURE),
  NUMEL(MEASURE);

  /** What an operator does with its first operand. */
  enum Trait {
    /** Its result is new. */
    NEW,
    /** Its result is new; a twin of it writes over the first operand. */
    IN_PLACE,
    /** Its result may lie in the memory of the first operand. */
    VIEW,
    /** Its result lies in part of the memory of the first operand, or repeats it. */
    PART,
    /** It looks at the shape alone. */
    MEASURE
  }

  private final Trait trait;

  Operator() {
    this(NEW);
  }

  Operator(Trait trait) {
    this.trait = trait;
  }

  Trait trait() {
    return trait;
  }
}
