package io.github.controlnet.core.export;

import io.github.controlnet.core.files.FloatFormats;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.WeightsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/** Copies tensors out of a source piece by piece, converting on the way. For one thread. */
final class TensorCopy {
  private static final int CHUNK_VALUES = 1 << 18;
  private static final int CHUNK_BYTES = 1 << 20;

  private final WeightSource source;
  private final WriteOptions options;
  private final ByteBuffer in =
      ByteBuffer.allocate(CHUNK_VALUES * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer out =
      ByteBuffer.allocate(CHUNK_VALUES * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final float[] values = new float[CHUNK_VALUES];

  TensorCopy(WeightSource source, WriteOptions options) {
    this.source = source;
    this.options = options;
  }

  /** Takes the next bytes. */
  interface Sink {
    void write(ByteBuffer bytes) throws IOException;
  }

  /** The types and shapes with which tensors are written. */
  static Map<String, TensorInfo> targets(WeightSource source, WriteOptions options) {
    Map<String, TensorInfo> targets = new LinkedHashMap<>(source.tensors());
    options
        .dtype()
        .ifPresent(
            type ->
                targets.replaceAll(
                    (name, info) ->
                        FloatFormats.isFloat(info.dtype())
                            ? new TensorInfo(type, info.shape())
                            : info));
    return targets;
  }

  static long bytes(Map<String, TensorInfo> targets) {
    return targets.values().stream().mapToLong(TensorInfo::byteSize).sum();
  }

  /** Copies one tensor as numbers of a type. */
  void copy(String name, DType target, Sink sink) throws IOException {
    TensorInfo info = source.tensors().get(name);
    if (info == null) {
      throw new WeightsException("There is no tensor \"%s\" to write.".formatted(name));
    }
    if (target == info.dtype()) {
      copyBytes(name, info.byteSize(), sink);
    } else {
      convert(name, info, target, sink);
    }
  }

  private void copyBytes(String name, long size, Sink sink) throws IOException {
    for (long at = 0; at < size; at += in.limit()) {
      requireGoingOn();
      in.clear().limit((int) Math.min(CHUNK_BYTES, size - at));
      source.read(name, at, in);
      sink.write(in.flip());
    }
  }

  private void convert(String name, TensorInfo info, DType target, Sink sink) throws IOException {
    long count = info.count();
    for (long at = 0; at < count; at += CHUNK_VALUES) {
      requireGoingOn();
      int length = (int) Math.min(CHUNK_VALUES, count - at);
      in.clear().limit(length * info.dtype().bytes());
      source.read(name, at * info.dtype().bytes(), in);
      FloatFormats.read(info.dtype(), in.flip(), values, length);
      requireRange(name, target, length);
      FloatFormats.write(target, values, length, out.clear());
      sink.write(out.flip());
    }
  }

  private void requireRange(String name, DType target, int length) {
    for (int i = 0; i < length; i++) {
      if (FloatFormats.overflows(target, values[i])) {
        throw new WeightsException(
            "The tensor %s holds %s, which is too large for %s. Use BF16 or F32."
                .formatted(name, values[i], target));
      }
    }
  }

  private void requireGoingOn() {
    if (options.cancellation().isCancelled()) {
      throw new GenerationCancelledException("Cancelled while weights were written.");
    }
  }
}
