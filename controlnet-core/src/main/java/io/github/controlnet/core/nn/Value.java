package io.github.controlnet.core.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A value of a method, and the operators on it. Those on two tensors are for tensors of one shape,
 * or for a second one whose sides of length 1 are repeated.
 */
public final class Value implements Operand {
  private final Method method;
  private final int id;
  private final Op op;
  private final Type type;
  private final Shape shape;

  Value(Method method, int id, Op op, Type type, Shape shape) {
    this.method = method;
    this.id = id;
    this.op = op;
    this.type = type;
    this.shape = shape;
  }

  public Method method() {
    return method;
  }

  /** Its number in the method. */
  public int id() {
    return id;
  }

  public Op op() {
    return op;
  }

  public Type type() {
    return type;
  }

  public Shape shape() {
    return shape;
  }

  private Value apply(Operator operator, Shape result, Object... operands) {
    return apply(operator, type, result, operands);
  }

  private Value apply(Operator operator, Type kind, Shape result, Object... operands) {
    List<Object> all = new ArrayList<>(List.of(this));
    all.addAll(Arrays.asList(operands));
    return method.apply(operator, kind, result, all.toArray());
  }

  /** An operator on each number. */
  private Value each(Operator operator, Object... operands) {
    return apply(operator, shape, operands);
  }

  /** An operator on the numbers of two tensors, or on two numbers. */
  private Value both(Operator operator, Object other, Object... operands) {
    List<Object> all = new ArrayList<>(List.of(other));
    all.addAll(Arrays.asList(operands));
    boolean real = other instanceof Double || operator == Operator.DIV;
    if (!(other instanceof Value value)) {
      boolean counted = real && type != Type.WHOLE;
      return apply(operator, counted ? Type.TENSOR : type, shape, all.toArray());
    }
    boolean tensor = real || type == Type.TENSOR || value.type == Type.TENSOR;
    if (!value.type.isTensor()) {
      return apply(operator, tensor && type.isTensor() ? Type.TENSOR : type, shape, all.toArray());
    }
    Shape result = shape.broadcast(value.shape);
    return apply(operator, tensor ? Type.TENSOR : type, result, all.toArray());
  }

  public Value plus(Object other) {
    return both(Operator.ADD, other);
  }

  public Value minus(Object other) {
    return both(Operator.SUB, other);
  }

  public Value times(Object other) {
    return both(Operator.MUL, other);
  }

  public Value over(Object other) {
    return both(Operator.DIV, other);
  }

  /** A number minus this. */
  public Value from(Object number) {
    return type == Type.WHOLE
        ? method.apply(Operator.SUB, type, shape, number, this)
        : both(Operator.RSUB, number);
  }

  public Value minimum(Value other) {
    return both(Operator.MINIMUM, other);
  }

  /** This plus a product. */
  public Value plusProduct(Value a, Value b) {
    return each(Operator.ADDCMUL, a, b);
  }

  /** This plus a quotient times a number. */
  public Value plusQuotient(Value a, Value b, int factor) {
    return each(Operator.ADDCDIV, a, b, new Operand.Named("value", new Operand.Whole(factor)));
  }

  public Value negative() {
    return each(Operator.NEG);
  }

  public Value clamp(double least, double most) {
    return each(Operator.CLAMP, least, most);
  }

  public Value atLeast(int least) {
    return each(Operator.CLAMP_MIN, least);
  }

  /** Of whole numbers. */
  public Value floorDiv(int divisor) {
    return each(Operator.FLOORDIV, divisor);
  }

  /** Of whole numbers. */
  public Value remainder(int divisor) {
    return each(Operator.REMAINDER, divisor);
  }

  public Value floor() {
    return each(Operator.FLOOR);
  }

  public Value square() {
    return each(Operator.SQUARE);
  }

  public Value abs() {
    return each(Operator.ABS);
  }

  public Value sqrt() {
    return each(Operator.SQRT);
  }

  public Value exp() {
    return each(Operator.EXP);
  }

  public Value log() {
    return each(Operator.LOG);
  }

  public Value sin() {
    return each(Operator.SIN);
  }

  public Value cos() {
    return each(Operator.COS);
  }

  public Value tanh() {
    return each(Operator.TANH);
  }

  public Value relu() {
    return each(Operator.RELU);
  }

  public Value silu() {
    return each(Operator.SILU);
  }

  public Value gelu() {
    return each(Operator.GELU);
  }

  public Value sigmoid() {
    return each(Operator.SIGMOID);
  }

  public Value leakyRelu(double slope) {
    return each(Operator.LEAKY_RELU, slope);
  }

  public Value elu() {
    return each(Operator.ELU);
  }

  public Value softplus() {
    return each(Operator.SOFTPLUS, 1, 20);
  }

  public Value softmax(int axis) {
    return each(Operator.SOFTMAX, axis);
  }

  public Value equalTo(Value other) {
    return apply(Operator.EQ, Type.MASK, shape.broadcast(other.shape), other);
  }

  public Value differsFrom(Value other) {
    return apply(Operator.NE, Type.MASK, shape.broadcast(other.shape), other);
  }

  /** At least a number. */
  public Value reaches(Object number) {
    return apply(Operator.GE, Type.MASK, shape, number);
  }

  public Value or(Value other) {
    return apply(Operator.LOGICAL_OR, shape, other);
  }

  public Value not() {
    return each(Operator.LOGICAL_NOT);
  }

  /** Whether anything along an axis is true, which stays with length 1. */
  public Value any(int axis) {
    return apply(Operator.ANY, shape.with(axis, 1), axis, true);
  }

  /** The sum along axes, which stay with length 1. */
  public Value sum(int... axes) {
    return apply(Operator.SUM, reduced(axes), list(axes), true);
  }

  /** The mean along axes, which stay with length 1. */
  public Value mean(int... axes) {
    return apply(Operator.MEAN, reduced(axes), list(axes), true);
  }

  /** The mean along axes, which go. */
  public Value flatMean(int... axes) {
    return apply(Operator.MEAN, Shape.ANY, list(axes));
  }

  /** The mean of all numbers. */
  public Value mean() {
    return apply(Operator.MEAN, Shape.ANY);
  }

  private Shape reduced(int... axes) {
    Shape result = shape;
    for (int axis : axes) {
      result = result.with(axis, 1);
    }
    return result;
  }

  private static List<Integer> list(int... numbers) {
    return Arrays.stream(numbers).boxed().toList();
  }

  /** The product of matrices. */
  public Value matmul(Value other) {
    return apply(Operator.MATMUL, shape.with(-1, other.shape.side(-1)), other);
  }

  /** A linear layer whose weights were computed. */
  public Value linear(Value kernel, Value bias) {
    return apply(Operator.LINEAR, shape.with(-1, kernel.shape.side(0)), kernel, bias);
  }

  /** A number to the power of each of these. */
  public Value powerOf(double base) {
    return method.apply(Operator.POW, type, shape, base, this);
  }

  /** In other words of the same numbers: sides are numbers or values; -1 is what is left. */
  public Value reshape(Object... sides) {
    long[] lengths =
        Arrays.stream(sides)
            .mapToLong(side -> side instanceof Integer n ? n : Shape.OPEN)
            .toArray();
    return reshaped(Shape.of(lengths), sides);
  }

  private Value reshaped(Shape result, Object... sides) {
    return apply(Operator.RESHAPE, result, List.of(sides));
  }

  public Value permute(int... axes) {
    Shape result =
        shape.isKnown()
            ? Shape.of(Arrays.stream(axes).mapToLong(shape::side).toArray())
            : Shape.of(Arrays.stream(axes).mapToLong(axis -> Shape.OPEN).toArray());
    return apply(Operator.PERMUTE, result, list(axes));
  }

  public Value transpose(int a, int b) {
    return apply(Operator.TRANSPOSE, shape.with(a, shape.side(b)).with(b, shape.side(a)), a, b);
  }

  /** A matrix with its axes exchanged. */
  public Value t() {
    return apply(Operator.T, Shape.of(shape.side(1), shape.side(0)));
  }

  /** Part of an axis; from and length are numbers or values. */
  public Value narrow(int axis, Object from, Object length) {
    return apply(
        Operator.NARROW,
        shape.with(axis, length instanceof Integer n ? n : Shape.OPEN),
        axis,
        from,
        length);
  }

  /** An axis from a place on. */
  public Value slice(int axis, int from) {
    return apply(Operator.SLICE, shape.with(axis, Shape.OPEN), axis, from);
  }

  /** One place of an axis, which goes. */
  public Value select(int axis, int index) {
    List<Long> sides = new ArrayList<>(shape.sides());
    if (shape.isKnown()) {
      sides.remove(axis);
    }
    return apply(Operator.SELECT, new Shape(sides), axis, index);
  }

  public Value expand(Object... sides) {
    return apply(
        Operator.EXPAND,
        Shape.of(
            Arrays.stream(sides)
                .mapToLong(side -> side instanceof Integer n ? n : Shape.OPEN)
                .toArray()),
        List.of(sides));
  }

  /** One more axis of length 1. */
  public Value unsqueeze(int axis) {
    List<Long> sides = new ArrayList<>(shape.sides());
    if (shape.isKnown()) {
      sides.add(axis < 0 ? axis + sides.size() + 1 : axis, 1L);
    }
    return apply(Operator.UNSQUEEZE, new Shape(sides), axis);
  }

  /** This and others, one after another along an axis. */
  public Value cat(int axis, Value... others) {
    return cat(axis, List.of(others));
  }

  /** This and others, one after another along an axis. */
  public Value cat(int axis, List<Value> others) {
    List<Value> all = new ArrayList<>(List.of(this));
    all.addAll(others);
    long length = 0;
    for (Value each : all) {
      long side = each.shape.side(axis);
      length = length == Shape.OPEN || side == Shape.OPEN ? Shape.OPEN : length + side;
    }
    Shape result =
        all.stream().map(Value::shape).filter(Shape::isKnown).findFirst().orElse(Shape.ANY);
    return method.apply(Operator.CAT, type, result.with(axis, length), all, axis);
  }

  /** This and others beside each other on a new last axis. */
  public Value stack(int axis, Value... others) {
    List<Value> all = new ArrayList<>(List.of(this));
    all.addAll(List.of(others));
    List<Long> sides = new ArrayList<>(shape.sides());
    if (shape.isKnown()) {
      sides.add(axis, (long) all.size());
    }
    return method.apply(Operator.STACK, type, new Shape(sides), all, axis);
  }

  /** The places of an axis that indices name. */
  public Value indexSelect(int axis, Value indices) {
    return apply(Operator.INDEX_SELECT, shape.with(axis, indices.shape.side(0)), axis, indices);
  }

  /** Other rows in the places of an axis that indices name. */
  public Value indexCopy(int axis, Value indices, Value rows) {
    return each(Operator.INDEX_COPY, axis, indices, rows);
  }

  /** The rows of a table that indices name. */
  public Value embedding(Value indices) {
    List<Long> sides = new ArrayList<>(indices.shape.sides());
    sides.add(shape.side(1));
    return apply(
        Operator.EMBEDDING, indices.shape.isKnown() ? new Shape(sides) : Shape.ANY, indices);
  }

  /** Zeros around, or another number: for each axis from the last one, before and behind. */
  public Value pad(List<?> sides, Object... number) {
    List<Object> operands = new ArrayList<>(List.of(sides));
    operands.addAll(Arrays.asList(number));
    Shape result = shape;
    for (int i = 0; i < sides.size() / 2 && i < shape.rank(); i++) {
      if (!sides.get(2 * i).equals(0) || !sides.get(2 * i + 1).equals(0)) {
        result = result.with(-1 - i, Shape.OPEN);
      }
    }
    return apply(Operator.CONSTANT_PAD_ND, result, operands.toArray());
  }

  public Value reflectionPad(int width) {
    return apply(Operator.REFLECTION_PAD2D, open(), List.of(width, width, width, width));
  }

  public Value roll(int shift, int... axes) {
    return each(
        Operator.ROLL, IntStream.range(0, axes.length).mapToObj(i -> shift).toList(), list(axes));
  }

  public Value flip(int axis) {
    return each(Operator.FLIP, List.of(axis));
  }

  public Value maxPool(int side, int stride, int padding) {
    return apply(
        Operator.MAX_POOL2D,
        open(),
        List.of(side, side),
        List.of(stride, stride),
        List.of(padding, padding),
        List.of(1, 1),
        false);
  }

  /** The means of as many areas along each side. */
  public Value meanPool(int areas) {
    return apply(Operator.ADAPTIVE_AVG_POOL2D, open(), List.of(areas, areas));
  }

  /** The same maps of other rows and columns. */
  private Shape open() {
    return shape.rank() == 4 ? shape.with(2, Shape.OPEN).with(3, Shape.OPEN) : Shape.ANY;
  }

  /** The nearest pixels, to rows and columns. */
  public Value upsample(Value rows, Value columns) {
    return resized(Operator.UPSAMPLE_NEAREST2D, rows, columns);
  }

  /** Bilinear, to rows and columns. */
  public Value resize(Value rows, Value columns, boolean alignCorners) {
    return resized(Operator.UPSAMPLE_BILINEAR2D, rows, columns, alignCorners);
  }

  /** Bicubic, to rows and columns. */
  public Value resizeBicubic(Value rows, Value columns) {
    return resized(Operator.UPSAMPLE_BICUBIC2D, rows, columns, false);
  }

  private Value resized(Operator operator, Value rows, Value columns, Object... more) {
    List<Object> operands = new ArrayList<>(List.of(List.of(rows, columns)));
    operands.addAll(Arrays.asList(more));
    operands.addAll(List.of(Operand.Symbol.NONE, Operand.Symbol.NONE));
    return apply(operator, open(), operands.toArray());
  }

  /** Bilinear, to the size of another. */
  public Value resizeLike(Value like, boolean alignCorners) {
    return resize(like.rows(), like.columns(), alignCorners);
  }

  /** Bilinear, to twice the size. */
  public Value enlarge(boolean alignCorners) {
    return resize(rows().times(2), columns().times(2), alignCorners);
  }

  /** As many equal numbers. */
  public Value fullLike(double number) {
    return each(Operator.FULL_LIKE, number);
  }

  public Value zerosLike() {
    return each(Operator.ZEROS_LIKE);
  }

  public Value copy() {
    return each(Operator.CLONE);
  }

  /** In the order of its sides in memory. */
  public Value contiguous() {
    return each(Operator.CONTIGUOUS);
  }

  /** In the order in memory that convolutions want. */
  public Value channelsLast() {
    return each(
        Operator.CONTIGUOUS, new Operand.Named("memory_format", Operand.Symbol.CHANNELS_LAST));
  }

  /** As numbers of another type. */
  public Value to(Operand.Symbol number) {
    return apply(Operator.TO, numbers(number), shape, number);
  }

  /** On the network's device, as numbers of a type. */
  public Value toDevice(Operand.Symbol number) {
    return apply(Operator.TO, numbers(number), shape, Operand.Symbol.DEVICE, number);
  }

  private static Type numbers(Operand.Symbol number) {
    boolean whole = number == Operand.Symbol.INT32 || number == Operand.Symbol.INT64;
    return whole ? Type.INDICES : Type.TENSOR;
  }

  /** An argument on the network's device, in the type of activations. */
  public Value toDevice() {
    return toDevice(Operand.Symbol.ACTIVATIONS);
  }

  /** A picture or latents that came as an argument. */
  public Value image() {
    return toDevice().channelsLast();
  }

  /** Indices that came as an argument. */
  public Value indices() {
    return toDevice(Operand.Symbol.INT64);
  }

  /** As float32 in the processor's memory. */
  public Value export() {
    return method.run(Routine.EXPORT, Type.TENSOR, shape, this);
  }

  /** The length of a side. */
  public Value size(int axis) {
    return apply(Operator.SIZE, Type.WHOLE, Shape.ANY, axis);
  }

  /** Rows of a picture. */
  public Value rows() {
    return size(2);
  }

  /** Columns of a picture. */
  public Value columns() {
    return size(3);
  }

  /** How many numbers it has. */
  public Value count() {
    return apply(Operator.NUMEL, Type.WHOLE, Shape.ANY);
  }

  /** One of the tensors that an argument has. */
  public Value item(int index) {
    return method.add(new Op.Item(this, index), Type.TENSOR, Shape.ANY);
  }

  /** [n, length, width] to [n, heads, length, width / heads]. */
  public Value heads(int width, int heads) {
    Shape result = Shape.of(shape.side(0), Shape.OPEN, heads, width / heads);
    return reshaped(result, size(0), -1, heads, width / heads).transpose(1, 2);
  }

  /**
   * Attention of heads, this being the queries: [n, length, width].
   *
   * @param scores what is added to the scores
   */
  public Value attend(Value keys, Value values, int width, Value... scores) {
    return attend(
        new Op.Attend(this, keys, values, Arrays.stream(scores).findFirst(), false), width);
  }

  /** Attention of heads to what is not behind, this being the queries: [n, length, width]. */
  public Value attendBefore(Value keys, Value values, int width) {
    return attend(new Op.Attend(this, keys, values, Optional.empty(), true), width);
  }

  private Value attend(Op.Attend attention, int width) {
    Value out = method.add(attention, Type.TENSOR, shape);
    Value merged = out.transpose(1, 2);
    return merged.reshaped(Shape.of(shape.side(0), Shape.OPEN, width), out.size(0), -1, width);
  }

  /** [n, channels, rows, columns] to [n, rows x columns, channels]. */
  public Value toSequence(int channels) {
    Shape result = Shape.of(shape.side(0), Shape.OPEN, channels);
    return permute(0, 2, 3, 1).reshaped(result, size(0), -1, channels);
  }

  /** Undoes {@link #toSequence} for a picture of the size of another. */
  public Value toImage(Value like, int channels) {
    Shape result = Shape.of(shape.side(0), Shape.OPEN, Shape.OPEN, channels);
    return reshaped(result, size(0), like.rows(), like.columns(), channels).permute(0, 3, 1, 2);
  }

  /** The waves of a timestep: [1, channels] of a number, [images, channels] of a tensor. */
  public Value sinusoids(int channels) {
    long rows = type == Type.REAL ? 1 : Shape.OPEN;
    return method.add(new Op.Sinusoids(this, channels), Type.TENSOR, Shape.of(rows, channels));
  }

  /**
   * Each channel of each picture by its own mean and variance, without weights. As a group norm
   * with groups of one channel it is ten times as fast on channels-last pictures, which it leaves
   * so.
   */
  public Value instanceNorm() {
    return each(Operator.GROUP_NORM, size(1), Operand.Symbol.NONE, Operand.Symbol.NONE, 1e-5);
  }

  /**
   * The sums of rows of a table, each with a share.
   *
   * @param entries which rows, those of one sum after those of another
   * @param starts where each sum begins
   * @param shares of the rows
   */
  public Value weightedSums(Value entries, Value starts, Value shares) {
    return apply(
        Operator.EMBEDDING_BAG,
        Shape.of(Shape.OPEN, shape.side(1)),
        entries,
        starts,
        false,
        0,
        false,
        shares,
        false);
  }

  @Override
  public String toString() {
    return "%" + id + " = " + op.getClass().getSimpleName() + " " + shape.sides();
  }
}
