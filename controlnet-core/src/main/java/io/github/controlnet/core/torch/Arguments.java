package io.github.controlnet.core.torch;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.controlnet.core.nn.Signature;
import io.github.controlnet.core.nn.Type;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of one call. Native values belong to nobody and have no finalizer, so each is
 * closed here, with the tensors that were made for the call.
 */
public final class Arguments implements AutoCloseable {
  private final PtNDManager manager;
  private final @Nullable Signature signature;
  private final List<@Nullable IValue> values = new ArrayList<>();
  private int next;
  private final SortedMap<Integer, PtNDArray> temporary = new TreeMap<>();

  Arguments(PtNDManager manager) {
    this.manager = manager;
    this.signature = null;
  }

  /** Starts the arguments of a method, each of which is given by its name ({@link #at}). */
  Arguments(PtNDManager manager, Signature signature) {
    this.manager = manager;
    this.signature = signature;
    signature.arguments().forEach(argument -> values.add(null));
  }

  /** Names the argument that comes next. */
  public Arguments at(String name) {
    next = signature().arguments().indexOf(signature().argument(name));
    return this;
  }

  /** What is called. */
  Signature signature() {
    return Objects.requireNonNull(signature, "positional arguments");
  }

  private Arguments add(IValue value, Type... types) {
    if (signature == null) {
      values.add(value);
      return this;
    }
    Signature.Argument argument = signature.arguments().get(next);
    if (values.set(next, value) != null || !List.of(types).contains(argument.type())) {
      throw new IllegalArgumentException(
          "%s: %s is given twice, or not as %s"
              .formatted(signature.name(), argument.name(), types[0]));
    }
    return this;
  }

  public Arguments floats(float[] data, long... shape) {
    return temporary(manager.create(FloatBuffer.wrap(data), new Shape(shape), DataType.FLOAT32));
  }

  public Arguments longs(long[] data, long... shape) {
    return temporary(manager.create(LongBuffer.wrap(data), new Shape(shape), DataType.INT64));
  }

  private Arguments temporary(PtNDArray array) {
    temporary.put(signature == null ? values.size() : next, array);
    return tensor(array);
  }

  public Arguments tensor(PtNDArray tensor) {
    return add(IValue.from(tensor), Type.TENSOR, Type.INDICES, Type.MASK);
  }

  public Arguments tensors(List<PtNDArray> tensors) {
    return add(IValue.listFrom(tensors.toArray(new PtNDArray[0])), Type.TENSORS);
  }

  public Arguments text(String text) {
    return add(IValue.from(text));
  }

  public Arguments whole(long value) {
    return add(IValue.from(value), Type.WHOLE);
  }

  public Arguments real(double value) {
    return add(IValue.from(value), Type.REAL);
  }

  public Arguments wholes(long... list) {
    return add(IValue.listFrom(list), Type.WHOLES);
  }

  public Arguments reals(double... list) {
    return add(IValue.listFrom(list), Type.REALS);
  }

  /** Returns the tensors that were made for the call, in the order of the arguments. */
  List<PtNDArray> tensors() {
    return List.copyOf(temporary.values());
  }

  /** Returns arguments with one more after them. */
  static IValue[] with(IValue[] arguments, IValue last) {
    IValue[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = last;
    return all;
  }

  IValue[] toArray() {
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i) == null) {
        throw new IllegalArgumentException(
            "%s needs %s".formatted(signature().name(), signature().arguments().get(i).name()));
      }
    }
    return values.toArray(new IValue[0]);
  }

  @Override
  public void close() {
    values.stream().filter(Objects::nonNull).forEach(IValue::close);
    temporary.values().forEach(PtNDArray::close);
  }
}
