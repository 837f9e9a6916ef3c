package io.github.controlnet.core.network;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import io.github.controlnet.WeightsException;
import io.github.controlnet.spi.engine.WeightSource;
import io.github.controlnet.spi.engine.WeightSource.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Copies weights from where they are stored into a module, through one buffer of bounded size.
 * Weights of convolutions are stored channels-last, which PyTorch's convolutions want of their
 * input too.
 */
final class WeightLoader {
  private static final long BUFFER_BYTES = 16L << 20;
  private static final int CONTIGUOUS = 0;
  private static final int CHANNELS_LAST = 2;

  private WeightLoader() {}

  /**
   * Fills a module.
   *
   * @param label what the network is called in messages
   * @throws WeightsException when a weight is missing, has another shape or cannot be read
   */
  static void load(
      String label,
      ScriptModule module,
      PtNDManager manager,
      Map<String, List<Long>> wanted,
      WeightSource source) {
    Map<String, TensorInfo> stored = source.tensors();
    check(label, wanted, stored);
    long largestRow = 0;
    for (String name : wanted.keySet()) {
      TensorInfo info = stored.get(name);
      if (info != null) {
        largestRow = Math.max(largestRow, info.byteSize() / rows(info));
      }
    }
    int capacity = Math.toIntExact(Math.max(BUFFER_BYTES, largestRow));
    // memory of a tensor instead of a Java buffer: it is free as soon as the tensor is closed
    try (PtNDArray bytes = manager.create(new Shape(capacity), DataType.UINT8)) {
      ByteBuffer buffer = bytes.toByteBuffer(true).order(ByteOrder.LITTLE_ENDIAN);
      for (Map.Entry<String, List<Long>> entry : wanted.entrySet()) {
        TensorInfo info = stored.get(entry.getKey());
        if (info != null) {
          copy(module, bytes, buffer, entry.getKey(), info, entry.getValue(), source);
        }
      }
    }
  }

  private static void check(
      String label, Map<String, List<Long>> wanted, Map<String, TensorInfo> stored) {
    List<String> missing = new ArrayList<>();
    for (Map.Entry<String, List<Long>> entry : wanted.entrySet()) {
      TensorInfo info = stored.get(entry.getKey());
      if (info == null) {
        missing.add(entry.getKey());
      } else if (!withoutTrailingOnes(info.shape()).equals(withoutTrailingOnes(entry.getValue()))) {
        throw new WeightsException(
            "%s: the weight %s has shape %s, expected %s; the file and its configuration do not belong together."
                .formatted(label, entry.getKey(), info.shape(), entry.getValue()));
      }
    }
    if (!missing.isEmpty()) {
      throw new WeightsException(
          "%s: %d of %d weights are missing (%s%s); the file is incomplete or of another kind."
              .formatted(
                  label,
                  missing.size(),
                  wanted.size(),
                  missing.stream().limit(3).collect(Collectors.joining(", ")),
                  missing.size() > 3 ? ", ..." : ""));
    }
  }

  /** A linear layer may be stored as a 1 x 1 convolution and the other way round. */
  private static List<Long> withoutTrailingOnes(List<Long> shape) {
    int end = shape.size();
    while (end > 0 && shape.get(end - 1) == 1) {
      end--;
    }
    return shape.subList(0, end);
  }

  private static void copy(
      ScriptModule module,
      PtNDArray bytes,
      ByteBuffer buffer,
      String name,
      TensorInfo info,
      List<Long> shape,
      WeightSource source) {
    try (Arguments arguments = module.arguments()) {
      module.call(
          "allocate",
          arguments
              .text(name)
              .wholes(toArray(shape))
              .whole(shape.size() == 4 ? CHANNELS_LAST : CONTIGUOUS));
    }
    long rows = rows(info);
    long rowBytes = info.byteSize() / rows;
    long rowsAtOnce = Math.max(1, buffer.capacity() / Math.max(1, rowBytes));
    for (long row = 0; row < rows; row += rowsAtOnce) {
      long count = Math.min(rowsAtOnce, rows - row);
      buffer.clear().limit(Math.toIntExact(count * rowBytes));
      source.read(name, row * rowBytes, buffer);
      long[] part = toArray(shape);
      part[0] = count;
      try (Arguments arguments = module.arguments()) {
        module.call(
            "fill",
            arguments
                .text(name)
                .tensor(bytes)
                .whole(count * rowBytes)
                .whole(NumberType.of(info.dtype()))
                .whole(row)
                .wholes(part));
      }
    }
  }

  private static long rows(TensorInfo info) {
    return info.shape().isEmpty() ? 1 : Math.max(1, info.shape().get(0));
  }

  private static long[] toArray(List<Long> shape) {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }
}
