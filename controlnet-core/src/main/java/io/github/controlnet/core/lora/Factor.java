package io.github.controlnet.core.lora;

import io.github.controlnet.core.files.FloatFormats;
import io.github.controlnet.core.files.TensorFile;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A tensor of a file, not read yet.
 *
 * @param file the open file
 * @param name its name there
 * @param info its type, a floating-point one, and shape
 */
record Factor(TensorFile file, String name, TensorInfo info) {

  /** Its first side; 1 for a single number. */
  int rows() {
    return info.shape().isEmpty() ? 1 : Math.toIntExact(info.shape().get(0));
  }

  /** How many values each of the {@link #rows} has. */
  int columns() {
    return rows() == 0 ? 0 : Math.toIntExact(info.count() / rows());
  }

  int sides() {
    return info.shape().size();
  }

  int side(int axis) {
    return Math.toIntExact(info.shape().get(axis));
  }

  /** The value of a tensor that has one, whatever its number type. */
  double number() {
    ByteBuffer bytes = bytes();
    return switch (info.dtype()) {
      case I64 -> bytes.getLong();
      case I32 -> bytes.getInt();
      case I16 -> bytes.getShort();
      case I8, U8, BOOL -> bytes.get();
      case F64 -> bytes.getDouble();
      default -> {
        float[] value = new float[1];
        FloatFormats.read(info.dtype(), bytes, value, 1);
        yield value[0];
      }
    };
  }

  private ByteBuffer bytes() {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(info.byteSize())).order(ByteOrder.LITTLE_ENDIAN);
    file.read(name, 0, bytes);
    return bytes.flip();
  }

  /** All values, row-major. */
  float[] read() {
    float[] values = new float[Math.toIntExact(info.count())];
    FloatFormats.read(info.dtype(), bytes(), values, values.length);
    return values;
  }

  Matrix matrix() {
    return new Matrix(read(), rows(), columns());
  }
}
