package io.github.controlnet.core.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.github.controlnet.core.nn.Signature;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** A compiled TorchScript module and the weights in it. Lives on the engine's thread. */
public class ScriptModule implements AutoCloseable {
  private final PtNDManager manager;
  private final PtNDManager results;
  private final PtSymbolBlock block;

  /**
   * Compiles a module.
   *
   * @param parent where tensors that calls return belong until they are closed
   * @param source the source
   */
  ScriptModule(PtNDManager parent, String source) {
    results = parent;
    manager = parent.newSubManager(parent.getDevice());
    try {
      block =
          JniUtils.loadModule(
              manager, new ByteArrayInputStream(ScriptArchive.of(source)), false, false);
    } catch (IOException e) {
      manager.close();
      throw new UncheckedIOException(e); // memory only
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /** Starts a list of arguments; the caller closes it. */
  public final Arguments arguments() {
    return new Arguments(manager);
  }

  /** Starts the arguments of a method, which are given by name; the caller closes them. */
  public final Arguments arguments(Signature signature) {
    return new Arguments(manager, signature);
  }

  /** Calls the method whose arguments these are. */
  public final float[] floats(Arguments arguments) {
    return floats(arguments.signature().name(), arguments);
  }

  /** Calls the method whose arguments these are. */
  public final PtNDArray tensor(Arguments arguments) {
    return tensor(arguments.signature().name(), arguments);
  }

  /** Calls the method whose arguments these are. */
  public final List<PtNDArray> tensors(Arguments arguments) {
    return tensors(arguments.signature().name(), arguments);
  }

  /**
   * Calls the method whose arguments these are, and copies the tensors of float32 that it returns.
   */
  public final List<FloatTensor> arrays(Arguments arguments) {
    List<PtNDArray> tensors = tensors(arguments);
    try {
      List<FloatTensor> copies = new ArrayList<>();
      for (PtNDArray tensor : tensors) {
        copies.add(new FloatTensor(tensor.toFloatArray(), tensor.getShape().getShape()));
      }
      return copies;
    } finally {
      tensors.forEach(PtNDArray::close);
    }
  }

  public final void call(String method, Arguments arguments) {
    run(method, arguments).close();
  }

  public final float[] floats(String method, Arguments arguments) {
    try (IValue result = run(method, arguments);
        PtNDArray tensor = result.toTensor(results)) {
      return tensor.toFloatArray();
    }
  }

  public final PtNDArray tensor(String method, Arguments arguments) {
    try (IValue result = run(method, arguments)) {
      return result.toTensor(results);
    }
  }

  public final List<PtNDArray> tensors(String method, Arguments arguments) {
    try (IValue result = run(method, arguments)) {
      return List.of(result.toTensorArray(results));
    }
  }

  /**
   * Calls a method outside inference mode, so that operators are recorded for gradients.
   *
   * @param arguments tensors that were made for the call
   * @return a tensor
   */
  public final PtNDArray differentiable(String method, Arguments arguments) {
    NDList list = new NDList();
    list.addAll(arguments.tensors());
    try (NDArray name = results.create(0)) {
      // the way in which DJL is told the method
      name.setName("module_method:" + method);
      list.add(name);
      return (PtNDArray) IValueUtils.forward(block, list, true).singletonOrThrow();
    }
  }

  /** Lets the weights go. */
  final void clear() {
    run("clear").close();
  }

  private IValue run(String method, Arguments arguments) {
    return run(method, arguments.toArray());
  }

  /** Calls a method; the caller closes what it returns. */
  IValue run(String method, IValue... arguments) {
    return IValueUtils.runMethod(block, method, arguments);
  }

  @Override
  public final void close() {
    manager.close();
  }
}
