package io.github.controlnet.core.tensors;

import io.github.controlnet.core.files.FloatFormats;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.IncompatibleModelException;
import io.github.controlnet.exception.WeightsException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A control whose encoder and middle, which are copies of a base's, have tensors of U-Nets added or
 * taken away. Its zero convolutions and hint block stay as they are.
 *
 * <p>Values are computed when they are read, as 32-bit floats from sums of 64 bits.
 */
public final class SummedWeights implements StoredSource {
  private static final int CHUNK = 1 << 14;

  private final WeightSource control;
  private final List<Term> terms;
  private final Map<String, TensorInfo> tensors;

  /**
   * A U-Net in the sum.
   *
   * @param name what it is, for messages, such as {@code the base}
   * @param weights its weights
   * @param sign 1 to add, -1 to take away
   */
  public record Term(String name, WeightSource weights, int sign) {}

  /**
   * Prepares a sum.
   *
   * @param control the control
   * @param terms what is added to it, in this order
   * @throws IncompatibleModelException when a tensor has not the same shape in all
   */
  public SummedWeights(WeightSource control, List<Term> terms) {
    this.control = control;
    this.terms = List.copyOf(terms);
    Map<String, TensorInfo> all = new LinkedHashMap<>();
    control
        .tensors()
        .forEach(
            (name, info) -> {
              if (isOwn(name)) {
                all.put(name, info);
              } else {
                terms.forEach(term -> require(name, info, term));
                all.put(name, new TensorInfo(DType.F32, info.shape()));
              }
            });
    this.tensors = Collections.unmodifiableMap(all);
  }

  /** What a control has that no U-Net has. */
  private static boolean isOwn(String name) {
    return name.startsWith("controlnet_");
  }

  private static void require(String name, TensorInfo info, Term term) {
    TensorInfo other = term.weights.tensors().get(name);
    if (other == null) {
      throw new IncompatibleModelException(
          "%s of shape %s in the control is not in %s. Control and base must be of one architecture."
              .formatted(name, info.shape(), term.name));
    }
    if (!other.shape().equals(info.shape())) {
      throw new IncompatibleModelException(
          ("%s has the shape %s in the control and %s in %s."
                  + " Control and base must be of one architecture.")
              .formatted(name, info.shape(), other.shape(), term.name));
    }
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public Object origin() {
    return new Sum(
        StoredSource.origin(control),
        terms.stream()
            .map(term -> new Signed(StoredSource.origin(term.weights), term.sign))
            .toList());
  }

  private record Sum(Object control, List<Signed> terms) {}

  private record Signed(Object weights, int sign) {}

  @Override
  public void read(String name, long byteOffset, ByteBuffer destination) {
    if (isOwn(name)) {
      control.read(name, byteOffset, destination);
      return;
    }
    if (byteOffset % Float.BYTES != 0 || destination.remaining() % Float.BYTES != 0) {
      throw new WeightsException(
          "Bytes %d to %d of %s were asked for, which are no whole values."
              .formatted(byteOffset, byteOffset + destination.remaining(), name));
    }
    ByteBuffer to = destination.slice().order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[CHUNK];
    double[] sum = new double[CHUNK];
    long at = byteOffset / Float.BYTES;
    while (to.hasRemaining()) {
      int count = Math.min(CHUNK, to.remaining() / Float.BYTES);
      read(control, name, at, values, count);
      for (int i = 0; i < count; i++) {
        sum[i] = values[i];
      }
      for (Term term : terms) {
        read(term.weights, name, at, values, count);
        for (int i = 0; i < count; i++) {
          sum[i] += term.sign * (double) values[i];
        }
      }
      for (int i = 0; i < count; i++) {
        values[i] = (float) sum[i];
      }
      FloatFormats.write(DType.F32, values, count, to);
      at += count;
    }
    destination.position(destination.limit());
  }

  private static void read(WeightSource source, String name, long at, float[] to, int count) {
    TensorInfo info = source.tensors().get(name);
    if (info == null) {
      throw new WeightsException("There is no tensor \"%s\".".formatted(name));
    }
    int bytes = info.dtype().bytes();
    ByteBuffer buffer = ByteBuffer.allocate(count * bytes).order(ByteOrder.LITTLE_ENDIAN);
    source.read(name, at * bytes, buffer);
    FloatFormats.read(info.dtype(), buffer.flip(), to, count);
  }
}
