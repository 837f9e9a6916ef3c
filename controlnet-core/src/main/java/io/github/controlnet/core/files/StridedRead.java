package io.github.controlnet.core.files;

import io.github.controlnet.core.files.TorchTensors.Placed;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Gathers a tensor that lies transposed, sliced or expanded in its storage into row-major order. It
 * goes through the storage in its own order, window by window, so that the file is read once for
 * each call however the tensor lies.
 */
final class StridedRead {
  private static final int WINDOW = 1 << 20;

  private final PositionalFile file;
  private final long position;
  private final int bytes;

  /** Sides, strides in the storage and strides in the result, in bytes; the widest stride first. */
  private final long[] sides;

  private final long[] strides;
  private final long[] targets;
  private final long reach;
  private final ByteBuffer window;
  private long windowStart;

  StridedRead(PositionalFile file, Placed tensor) {
    this.file = file;
    this.position = tensor.position();
    this.bytes = tensor.info().dtype().bytes();
    List<Long> shape = tensor.info().shape();
    long[] rowMajor = new long[shape.size()];
    long step = bytes;
    for (int i = shape.size() - 1; i >= 0; i--) {
      rowMajor[i] = step;
      step *= shape.get(i);
    }
    int[] order =
        IntStream.range(0, shape.size())
            .filter(i -> shape.get(i) > 1)
            .boxed()
            .sorted(Comparator.comparingLong((Integer i) -> -tensor.strides().get(i)))
            .mapToInt(Integer::intValue)
            .toArray();
    this.sides = IntStream.of(order).mapToLong(shape::get).toArray();
    this.strides = IntStream.of(order).mapToLong(i -> tensor.strides().get(i) * bytes).toArray();
    this.targets = IntStream.of(order).mapToLong(i -> rowMajor[i]).toArray();
    long last = bytes;
    for (int i = 0; i < sides.length; i++) {
      last += (sides[i] - 1) * strides[i];
    }
    this.reach = last;
    this.window = ByteBuffer.allocateDirect((int) Math.min(WINDOW, reach)).limit(0);
  }

  /** Whether values follow each other in row-major order; sides of 1 have any stride. */
  static boolean isContiguous(List<Long> shape, List<Long> strides) {
    long step = 1;
    for (int i = shape.size() - 1; i >= 0; i--) {
      if (shape.get(i) != 1) {
        if (strides.get(i) != step) {
          return false;
        }
        step *= shape.get(i);
      }
    }
    return true;
  }

  void read(long byteOffset, ByteBuffer destination) {
    ByteBuffer result = destination.slice().order(ByteOrder.LITTLE_ENDIAN);
    // whole values only: a caller may cut one in two
    long first = byteOffset / bytes * bytes;
    long end = byteOffset + result.remaining();
    dimension(0, 0, 0, byteOffset, first, end, result);
    destination.position(destination.limit());
  }

  private void dimension(
      int index, long source, long target, long origin, long first, long end, ByteBuffer result) {
    if (index == sides.length) {
      copy(source, target, origin, first, end, result);
      return;
    }
    long side = sides[index];
    long stride = strides[index];
    long step = targets[index];
    for (long i = 0; i < side; i++) {
      long at = target + i * step;
      // what follows inside lies at or after this target
      if (at >= end) {
        break;
      }
      dimension(index + 1, source + i * stride, at, origin, first, end, result);
    }
  }

  private void copy(
      long source, long target, long origin, long first, long end, ByteBuffer result) {
    if (target < first || target >= end) {
      return;
    }
    int at = load(source);
    long to = target - origin;
    if (to < 0 || to + bytes > result.limit()) {
      for (int i = 0; i < bytes; i++) {
        if (to + i >= 0 && to + i < result.limit()) {
          result.put((int) (to + i), window.get(at + i));
        }
      }
      return;
    }
    switch (bytes) {
      case 1 -> result.put((int) to, window.get(at));
      case 2 -> result.putShort((int) to, window.getShort(at));
      case 4 -> result.putInt((int) to, window.getInt(at));
      default -> result.putLong((int) to, window.getLong(at));
    }
  }

  /** Makes a value of the storage available; returns where it is in the window. */
  private int load(long source) {
    if (source < windowStart || source + bytes > windowStart + window.limit()) {
      windowStart = source;
      window.clear().limit((int) Math.min(window.capacity(), reach - source));
      file.read(position + source, window);
      window.flip().order(ByteOrder.LITTLE_ENDIAN);
    }
    return (int) (source - windowStart);
  }
}
