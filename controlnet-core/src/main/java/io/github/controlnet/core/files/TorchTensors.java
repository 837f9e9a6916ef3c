package io.github.controlnet.core.files;

import io.github.controlnet.core.files.Unpickler.Dict;
import io.github.controlnet.core.files.Unpickler.Storage;
import io.github.controlnet.core.files.Unpickler.Tensor;
import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Finds the weights in what a checkpoint's pickle builds, and checks where they lie. */
final class TorchTensors {
  /** Under which keys programs put the weights of a checkpoint with other things in it. */
  private static final List<String> WRAPPERS =
      List.of(
          "state_dict",
          "model_state_dict",
          "params_ema",
          "params",
          "model",
          "module",
          "depth_model",
          "net",
          "string_to_param");

  private final Path path;
  private final Map<String, Placed> tensors = new LinkedHashMap<>();
  private final Map<String, Float8> narrow = new LinkedHashMap<>();
  private final Map<String, String> foreign = new LinkedHashMap<>();

  private TorchTensors(Path path) {
    this.path = path;
  }

  /**
   * Where a storage's bytes are.
   *
   * @param position the first in the file
   * @param size how many
   */
  record Region(long position, long size) {}

  /**
   * A checked tensor.
   *
   * @param info its type and shape
   * @param position where its first value is in the file
   * @param strides its strides in values
   */
  record Placed(TensorInfo info, long position, List<Long> strides) {}

  static TorchTensors find(Path path, Object root, Function<Storage, Region> regions) {
    TorchTensors found = new TorchTensors(path);
    found.collect(weights(path, root), regions);
    return found;
  }

  Map<String, Placed> tensors() {
    return tensors;
  }

  /** Which of the tensors are floats of eight bits, placed as U8. */
  Map<String, Float8> narrow() {
    return narrow;
  }

  Map<String, String> foreign() {
    return foreign;
  }

  private static Dict weights(Path path, Object root) {
    if (!(root instanceof Dict dict)) {
      throw new WeightsException(
          "%s holds no dictionary of weights. Save the model's state_dict.".formatted(path));
    }
    for (String wrapper : WRAPPERS) {
      if (dict.entries().get(wrapper) instanceof Dict inner && holdsTensors(inner)) {
        return inner;
      }
    }
    return dict;
  }

  private static boolean holdsTensors(Dict dict) {
    return dict.entries().values().stream().anyMatch(Tensor.class::isInstance);
  }

  private void collect(Dict dict, Function<Storage, Region> regions) {
    for (var entry : dict.entries().entrySet()) {
      if (entry.getKey() instanceof String name && entry.getValue() instanceof Tensor tensor) {
        DType dtype = tensor.dtype();
        if (dtype == null) {
          foreign.put(name, tensor.type());
        } else {
          Float8.ofTorch(tensor.type()).ifPresent(type -> narrow.put(name, type));
          tensors.put(name, place(name, tensor, dtype, regions.apply(tensor.storage())));
        }
      }
    }
    if (tensors.isEmpty() && foreign.isEmpty()) {
      throw new WeightsException(
          "%s holds no tensors. Expected a checkpoint with a state_dict.".formatted(path));
    }
  }

  private Placed place(String name, Tensor tensor, DType dtype, @Nullable Region region) {
    if (region == null) {
      throw bad(name, "its storage is missing");
    }
    try {
      TensorInfo info = new TensorInfo(dtype, tensor.shape());
      long bytes = info.byteSize();
      long reach = bytes == 0 ? 0 : 1;
      for (int i = 0; i < tensor.shape().size() && bytes > 0; i++) {
        reach =
            Math.addExact(
                reach, Math.multiplyExact(tensor.shape().get(i) - 1, tensor.strides().get(i)));
      }
      long start = Math.addExact(tensor.viewOffset(), tensor.offset());
      long end = Math.addExact(tensor.offset(), reach);
      if (tensor.offset() < 0
          || end > tensor.viewCount()
          || Math.addExact(tensor.viewOffset(), tensor.viewCount())
              > region.size() / dtype.bytes()) {
        throw bad(name, "it reaches outside its storage");
      }
      long position = region.position() + Math.multiplyExact(start, (long) dtype.bytes());
      return new Placed(info, position, tensor.strides());
    } catch (ArithmeticException e) {
      throw bad(name, "its shape %s is absurd".formatted(tensor.shape()));
    }
  }

  private WeightsException bad(String name, String what) {
    return new WeightsException(
        "%s is a damaged checkpoint: the tensor \"%s\" is not usable, %s. Download it again."
            .formatted(path, name, what));
  }
}
