package io.github.controlnet.core.export;

import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.WeightsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Writes PyTorch checkpoints: a zip archive with a pickle of a plain dictionary of tensors, which
 * {@code torch.load} opens with {@code weights_only=True} too, and one entry for each tensor's
 * values. The file appears whole or not at all, and memory stays at a few megabytes.
 */
public final class TorchWriter {
  private static final String FOLDER = "archive/";

  private TorchWriter() {}

  /**
   * Writes tensors under the names that the source gives them.
   *
   * @param file where; its folder is made when it is missing
   * @param tensors what to write
   * @param options number type, whether an existing file is replaced; metadata are left out
   * @throws WeightsException when the file exists and must not be replaced, when there is no room,
   *     when it cannot be written, or when a value is too large for the number type
   * @throws GenerationCancelledException when it was cancelled
   */
  public static void write(Path file, WeightSource tensors, WriteOptions options) {
    Map<String, TensorInfo> targets = TensorCopy.targets(tensors, options);
    AtomicOutput.file(
        file,
        options.overwrite(),
        TensorCopy.bytes(targets),
        temporary -> writeContent(temporary, tensors, targets, options));
  }

  /** Writes to a file that is not there yet, with the number type of each tensor. */
  static void writeContent(
      Path file, WeightSource tensors, Map<String, TensorInfo> targets, WriteOptions options)
      throws IOException {
    try (StoredZip zip = new StoredZip(file)) {
      zip.entry(FOLDER + "data.pkl", pickle(targets));
      zip.entry(FOLDER + "byteorder", ascii("little"));
      TensorCopy copy = new TensorCopy(tensors, options);
      int key = 0;
      for (var tensor : targets.entrySet()) {
        zip.begin(FOLDER + "data/" + key++, tensor.getValue().byteSize());
        copy.copy(tensor.getKey(), tensor.getValue().dtype(), zip::write);
        zip.end();
      }
      zip.entry(FOLDER + "version", ascii("3\n"));
      zip.finish();
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] pickle(Map<String, TensorInfo> tensors) {
    Pickle pickle = new Pickle();
    pickle.code("\u0080\u0002}(");
    int key = 0;
    for (var tensor : tensors.entrySet()) {
      pickle.text(tensor.getKey());
      pickle.tensor(key++, tensor.getValue());
    }
    pickle.code("u.");
    return pickle.bytes.toByteArray();
  }

  /** The few instructions of protocol 2 that a dictionary of tensors takes. */
  private static final class Pickle {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    void code(String instructions) {
      bytes.writeBytes(instructions.getBytes(StandardCharsets.ISO_8859_1));
    }

    void text(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      bytes.write('X');
      littleEndian(utf8.length, 4);
      bytes.writeBytes(utf8);
    }

    void number(long value) {
      if (value >= 0 && value < 256) {
        bytes.write('K');
        littleEndian(value, 1);
      } else if (value == (int) value) {
        bytes.write('J');
        littleEndian(value, 4);
      } else {
        bytes.write(0x8a);
        bytes.write(8);
        littleEndian(value, 8);
      }
    }

    private void littleEndian(long value, int length) {
      for (int i = 0; i < length; i++) {
        bytes.write((int) (value >>> (8 * i)));
      }
    }

    /** {@code _rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks)}. */
    void tensor(int key, TensorInfo info) {
      code("ctorch._utils\n_rebuild_tensor_v2\n((");
      text("storage");
      code("ctorch\n" + storage(info.dtype()) + "\n");
      text(String.valueOf(key));
      text("cpu");
      number(info.count());
      code("tQ");
      number(0);
      numbers(info.shape());
      numbers(strides(info.shape()));
      code("\u0089ccollections\nOrderedDict\n)RtR");
    }

    private void numbers(List<Long> values) {
      code("(");
      values.forEach(this::number);
      code("t");
    }

    private static List<Long> strides(List<Long> shape) {
      Long[] strides = new Long[shape.size()];
      long stride = 1;
      for (int i = strides.length - 1; i >= 0; i--) {
        strides[i] = stride;
        // as PyTorch has it: an empty side counts as one
        stride *= Math.max(1, shape.get(i));
      }
      return List.of(strides);
    }

    private static String storage(DType dtype) {
      return switch (dtype) {
        case F32 -> "FloatStorage";
        case F16 -> "HalfStorage";
        case BF16 -> "BFloat16Storage";
        case F64 -> "DoubleStorage";
        case I64 -> "LongStorage";
        case I32 -> "IntStorage";
        case I16 -> "ShortStorage";
        case I8 -> "CharStorage";
        case U8 -> "ByteStorage";
        case BOOL -> "BoolStorage";
      };
    }
  }
}
