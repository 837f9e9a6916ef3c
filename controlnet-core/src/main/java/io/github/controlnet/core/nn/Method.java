package io.github.controlnet.core.nn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A method of a network: values in the order in which they are computed. */
public final class Method {
  private final Signature signature;
  private final Map<String, Value> inputs = new LinkedHashMap<>();
  private final List<List<Value>> segments = new ArrayList<>(List.of(new ArrayList<>()));
  private List<Value> results = List.of();
  private int values;

  Method(Signature signature) {
    this.signature = signature;
  }

  public Signature signature() {
    return signature;
  }

  /**
   * An argument.
   *
   * @param name of it
   * @param sides of a tensor, as far as they are known
   */
  public Value input(String name, long... sides) {
    Type type = signature.argument(name).type();
    return inputs.computeIfAbsent(name, key -> add(new Op.Input(key), type, Shape.of(sides)));
  }

  Value add(Op op, Type type, Shape shape) {
    Value value = new Value(this, values++, op, type, shape);
    segments.get(segments.size() - 1).add(value);
    return value;
  }

  /** An operator on anything. */
  Value apply(Operator operator, Type type, Shape shape, Object... operands) {
    return add(
        new Op.Apply(operator, List.of(operands).stream().map(Operand::of).toList()), type, shape);
  }

  /** Calls a routine whose first operand is a tensor. */
  public Value run(Routine routine, Type type, Shape shape, Object... operands) {
    return add(
        new Op.Run(routine, List.of(operands).stream().map(Operand::of).toList()), type, shape);
  }

  /** A weight as a value. */
  public Value read(Parameter parameter) {
    return add(new Op.Read(parameter), Type.TENSOR, new Shape(parameter.shape()));
  }

  /** The numbers from 0 on. */
  public Value range(Object end, Operand.Symbol type) {
    return range(0, end, 1, type);
  }

  /** The numbers from one to another, that one excluded. */
  public Value range(Object from, Object end, int step, Operand.Symbol type) {
    boolean all = from.equals(0) && step == 1;
    List<Object> operands = new ArrayList<>(all ? List.of(end) : List.of(from, end));
    if (step != 1) {
      operands.add(step);
    }
    operands.add(new Operand.Named("dtype", type));
    operands.add(new Operand.Named("layout", Operand.Symbol.NONE));
    operands.add(new Operand.Named("device", Operand.Symbol.DEVICE));
    boolean real = type == Operand.Symbol.FLOAT32 || type == Operand.Symbol.ACTIVATIONS;
    long length = end instanceof Integer known && all ? known : Shape.OPEN;
    return apply(
        Operator.ARANGE, real ? Type.TENSOR : Type.INDICES, Shape.of(length), operands.toArray());
  }

  /** A tensor of numbers that are given one by one. */
  public Value numbers(List<?> numbers) {
    return apply(
        Operator.TENSOR,
        Type.TENSOR,
        Shape.of(numbers.size()),
        numbers,
        new Operand.Named("dtype", Operand.Symbol.FLOAT32),
        new Operand.Named("device", Operand.Symbol.DEVICE));
  }

  /** One of several values, by a number. */
  public Value pick(List<Value> choices, Value index) {
    return add(new Op.Pick(choices, index), choices.get(0).type(), choices.get(0).shape());
  }

  /** Marks a place between two blocks, where a method may be divided. */
  public void cut() {
    if (!segments.get(segments.size() - 1).isEmpty()) {
      segments.add(new ArrayList<>());
    }
  }

  /** Ends the method. */
  public void result(Value value) {
    results = List.of(value);
  }

  /** Ends a method that returns several tensors. */
  public void results(List<Value> several) {
    results = List.copyOf(several);
  }

  public List<Value> results() {
    return results;
  }

  /** The values between the cuts. */
  public List<List<Value>> segments() {
    return segments.stream()
        .filter(segment -> !segment.isEmpty())
        .<List<Value>>map(List::copyOf)
        .toList();
  }

  /** All values. */
  public List<Value> values() {
    return segments.stream().flatMap(List::stream).toList();
  }
}
