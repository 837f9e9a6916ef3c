package io.github.controlnet.core.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What makes a value: a node of the graph. */
public sealed interface Op {

  /** An argument of the method. */
  record Input(String name) implements Op {}

  /** A weight. */
  record Read(Parameter parameter) implements Op {}

  /** One of the tensors of an argument. */
  record Item(Value list, int index) implements Op {}

  /** One of several values, by a number that the call tells. */
  record Pick(List<Value> values, Value index) implements Op {
    public Pick {
      values = List.copyOf(values);
    }
  }

  /** An operator that needs no rule of its own. */
  record Apply(Operator operator, List<Operand> operands) implements Op {
    public Apply {
      operands = List.copyOf(operands);
    }
  }

  /**
   * A convolution.
   *
   * @param shift what is added to its bias, [1, channels]
   * @param sum what it is added to
   * @param activation what happens to the result, or to the sum
   */
  record Convolve(
      Value x, Conv conv, Optional<Value> shift, Optional<Value> sum, Activation activation)
      implements Op {}

  /** A transposed convolution. */
  record ConvolveTransposed(Value x, ConvTransposed conv, Activation activation) implements Op {}

  /**
   * A linear layer.
   *
   * @param bias one that was computed, instead of the layer's own
   */
  record Project(Value x, Linear linear, Optional<Value> bias) implements Op {}

  /** A linear layer whose result is a value and its gate. */
  record Gate(Value x, Geglu geglu) implements Op {}

  /**
   * Attention of heads: [n, heads, length, width / heads] each.
   *
   * @param scores what is added to the scores
   */
  record Attend(Value query, Value key, Value value, Optional<Value> scores, boolean causal)
      implements Op {}

  /** The waves of a timestep: [1, channels] of a number, [images, channels] of a tensor. */
  record Sinusoids(Value timestep, int channels) implements Op {}

  /** A routine. */
  record Run(Routine routine, List<Operand> operands) implements Op {
    public Run {
      operands = List.copyOf(operands);
    }
  }

  /** The values that it reads, in order. */
  default List<Value> reads() {
    if (this instanceof Apply apply) {
      return apply.operands().stream().flatMap(Operand::values).toList();
    }
    if (this instanceof Run run) {
      return run.operands().stream().flatMap(Operand::values).toList();
    }
    if (this instanceof Item item) {
      return List.of(item.list());
    }
    if (this instanceof Pick pick) {
      return Stream.concat(pick.values().stream(), Stream.of(pick.index())).toList();
    }
    if (this instanceof Convolve conv) {
      return all(conv.x(), conv.shift(), conv.sum());
    }
    if (this instanceof ConvolveTransposed conv) {
      return List.of(conv.x());
    }
    if (this instanceof Project project) {
      return all(project.x(), project.bias(), Optional.empty());
    }
    if (this instanceof Gate gate) {
      return List.of(gate.x());
    }
    if (this instanceof Attend attend) {
      List<Value> all = new ArrayList<>(List.of(attend.query(), attend.key(), attend.value()));
      attend.scores().ifPresent(all::add);
      return all;
    }
    return this instanceof Sinusoids waves ? List.of(waves.timestep()) : List.of();
  }

  /** The weights that it reads itself. */
  default List<Parameter> parameters() {
    if (this instanceof Read read) {
      return List.of(read.parameter());
    }
    if (this instanceof Convolve conv) {
      return conv.conv().parameters();
    }
    if (this instanceof ConvolveTransposed conv) {
      return conv.conv().parameters();
    }
    if (this instanceof Project project) {
      return project.linear().parameters();
    }
    return this instanceof Gate gate ? gate.geglu().parameters() : List.of();
  }

  /**
   * The value that it may write over, if nothing else reads it any more.
   *
   * @param result the shape of what it makes
   */
  default Optional<Value> overwritable(Shape result) {
    if (this instanceof Apply apply
        && apply.operator().trait() == Operator.Trait.IN_PLACE
        && apply.operands().get(0) instanceof Value first
        && first.type() == Type.TENSOR
        && first.shape().holds(result)
        && (result.isKnown() || apply.reads().size() == 1)) {
      return Optional.of(first);
    }
    if (this instanceof Run run && run.routine().effect() == Routine.Effect.CHANGES) {
      return Optional.of((Value) run.operands().get(0));
    }
    return this instanceof Convolve conv ? conv.sum() : Optional.empty();
  }

  /** The values in whose memory its result may lie. */
  default List<Value> sharesWith() {
    if (this instanceof Apply apply
        && (apply.operator().trait() == Operator.Trait.VIEW || isPart())) {
      return List.of((Value) apply.operands().get(0));
    }
    if (this instanceof Run run && run.routine().effect() == Routine.Effect.RETURNS) {
      return List.of((Value) run.operands().get(0));
    }
    return this instanceof Pick pick ? pick.values() : List.of();
  }

  /** Tells whether its result lies in part of a memory, or repeats it. */
  default boolean isPart() {
    return this instanceof Apply apply && apply.operator().trait() == Operator.Trait.PART;
  }

  /** Tells whether it looks at no more than shapes. */
  default boolean measures() {
    return this instanceof Apply apply && apply.operator().trait() == Operator.Trait.MEASURE;
  }

  private static List<Value> all(Value first, Optional<Value> second, Optional<Value> third) {
    List<Value> all = new ArrayList<>(List.of(first));
    second.ifPresent(all::add);
    third.ifPresent(all::add);
    return all;
  }
}
