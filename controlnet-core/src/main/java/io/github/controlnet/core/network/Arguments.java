package io.github.controlnet.core.network;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The arguments of one call. Native values belong to nobody and have no finalizer, so each is
 * closed here, with the tensors that were made for the call.
 */
public final class Arguments implements AutoCloseable {
  private final PtNDManager manager;
  private final List<IValue> values = new ArrayList<>();
  private final List<PtNDArray> temporary = new ArrayList<>();

  Arguments(PtNDManager manager) {
    this.manager = manager;
  }

  public Arguments floats(float[] data, long... shape) {
    return temporary(manager.create(FloatBuffer.wrap(data), new Shape(shape), DataType.FLOAT32));
  }

  public Arguments longs(long[] data, long... shape) {
    return temporary(manager.create(LongBuffer.wrap(data), new Shape(shape), DataType.INT64));
  }

  private Arguments temporary(PtNDArray array) {
    temporary.add(array);
    return tensor(array);
  }

  public Arguments tensor(PtNDArray tensor) {
    values.add(IValue.from(tensor));
    return this;
  }

  public Arguments tensors(List<PtNDArray> tensors) {
    values.add(IValue.listFrom(tensors.toArray(new PtNDArray[0])));
    return this;
  }

  public Arguments text(String text) {
    values.add(IValue.from(text));
    return this;
  }

  public Arguments whole(long value) {
    values.add(IValue.from(value));
    return this;
  }

  public Arguments real(double value) {
    values.add(IValue.from(value));
    return this;
  }

  public Arguments wholes(long... list) {
    values.add(IValue.listFrom(list));
    return this;
  }

  public Arguments reals(double... list) {
    values.add(IValue.listFrom(list));
    return this;
  }

  /** Returns the tensors that were made for the call. */
  List<PtNDArray> tensors() {
    return temporary;
  }

  /** Returns arguments with one more after them. */
  static IValue[] with(IValue[] arguments, IValue last) {
    IValue[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = last;
    return all;
  }

  IValue[] toArray() {
    return values.toArray(new IValue[0]);
  }

  @Override
  public void close() {
    values.forEach(IValue::close);
    temporary.forEach(PtNDArray::close);
  }
}
