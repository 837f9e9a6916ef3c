package io.github.controlnet.core.control;

import io.github.controlnet.IncompatibleModelException;
import io.github.controlnet.WeightsException;
import io.github.controlnet.core.internal.FloatFormats;
import io.github.controlnet.spi.engine.WeightSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A control moved to another base: to every tensor that it once copied from its base, which is to
 * say encoder and middle, the difference between the new base and the old one is added. Its zero
 * convolutions and hint block stay as they are. The idea and the choice of tensors are those of the
 * original code's {@code tool_transfer_control.py}.
 *
 * <p>Values are computed when they are read, as 32-bit floats from sums of 64 bits.
 */
public final class TransferredWeights implements WeightSource {
  private static final int CHUNK = 1 << 14;

  private final WeightSource control;
  private final WeightSource oldBase;
  private final WeightSource newBase;
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

  /**
   * Prepares a transfer.
   *
   * @param control the control
   * @param oldBase the U-Net that it was trained with
   * @param newBase the U-Net that it is to steer
   * @throws IncompatibleModelException when a tensor has not the same shape in all three
   */
  public TransferredWeights(WeightSource control, WeightSource oldBase, WeightSource newBase) {
    this.control = control;
    this.oldBase = oldBase;
    this.newBase = newBase;
    control
        .tensors()
        .forEach(
            (name, info) -> {
              boolean own = name.startsWith("controlnet_");
              if (!own) {
                require(name, info, "the old base", oldBase);
                require(name, info, "the new base", newBase);
              }
              tensors.put(name, own ? info : new TensorInfo(DType.F32, info.shape()));
            });
  }

  private static void require(String name, TensorInfo info, String what, WeightSource base) {
    TensorInfo other = base.tensors().get(name);
    if (other == null) {
      throw new IncompatibleModelException(
          "%s of shape %s in the control is not in %s. Control and bases must be of one architecture."
              .formatted(name, info.shape(), what));
    }
    if (!other.shape().equals(info.shape())) {
      throw new IncompatibleModelException(
          ("%s has the shape %s in the control and %s in %s."
                  + " Control and bases must be of one architecture.")
              .formatted(name, info.shape(), other.shape(), what));
    }
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer destination) {
    if (name.startsWith("controlnet_")) {
      control.read(name, byteOffset, destination);
      return;
    }
    if (byteOffset % Float.BYTES != 0 || destination.remaining() % Float.BYTES != 0) {
      throw new WeightsException(
          "Bytes %d to %d of %s were asked for, which are no whole values."
              .formatted(byteOffset, byteOffset + destination.remaining(), name));
    }
    ByteBuffer to = destination.slice().order(ByteOrder.LITTLE_ENDIAN);
    float[] sum = new float[CHUNK];
    float[] added = new float[CHUNK];
    float[] subtracted = new float[CHUNK];
    long at = byteOffset / Float.BYTES;
    while (to.hasRemaining()) {
      int count = Math.min(CHUNK, to.remaining() / Float.BYTES);
      read(control, name, at, sum, count);
      read(newBase, name, at, added, count);
      read(oldBase, name, at, subtracted, count);
      for (int i = 0; i < count; i++) {
        sum[i] = (float) ((double) sum[i] + added[i] - subtracted[i]);
      }
      FloatFormats.write(DType.F32, sum, count, to);
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
